// Runs in the page: returns texts with too little contrast to their background, by WCAG 2 (ratio 4.5 for normal text).
(() => {
  const ENOUGH = 4.5;
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });

  /** Converts a color in any CSS notation to red, green, blue and opacity. */
  function pixel(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
  }
  const over = (front, back) => front.rgb.map((value, index) => value * front.alpha + back[index] * (1 - front.alpha));

  function behind(element) {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(pixel(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255]);
  }
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

  function ratio(element) {
    const back = behind(element);
    const [one, other] = [over(pixel(getComputedStyle(element).color), back), back].map(luminance);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
  return [...document.querySelectorAll('body *')]
    .filter((element) => hasText(element) && element.checkVisibility() && !element.matches('script, .skip, option'))
    .map((element) => ({ of: `${element.tagName} ${element.className}`, ratio: ratio(element) }))
    .filter(({ ratio }) => ratio < ENOUGH)
    .map(({ of, ratio }) => `${of}: ${ratio.toFixed(2)}`);
})();
