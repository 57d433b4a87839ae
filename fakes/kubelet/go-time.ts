// Points in time as Go writes them.

const two = (value: number) => String(value).padStart(2, '0');

/**
 * `time.RFC3339`, `Z` where it is UTC.
 * @param now milliseconds since the epoch
 * @param offset of the time zone, minutes east of UTC; default: the local one
 */
export function rfc3339(now: number, offset = -new Date(now).getTimezoneOffset()): string {
  const sign = offset < 0 ? '-' : '+';
  const zone = offset === 0 ? 'Z' : `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${new Date(now + offset * 60_000).toISOString().slice(0, 19)}${zone}`;
}

/** `time.RFC3339Nano` in UTC; trailing zeros of the fraction are dropped, as Go drops them. */
export function rfc3339Nano(now: number): string {
  const nanoseconds = BigInt(Math.floor(now)) * 1_000_000n + BigInt(Math.floor((now % 1) * 1e6));
  const fraction = String(nanoseconds % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${new Date(Math.floor(now)).toISOString().slice(0, 19)}${fraction && `.${fraction}`}Z`;
}

let dateSecond = -1;
let dateText = '';

/** Value of the HTTP `Date` header. */
export function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
