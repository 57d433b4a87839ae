// Points in time as Go writes them.

const two = (value: number) => String(value).padStart(2, '0');

/** `time.RFC3339` in the local time zone, `Z` where it is UTC; `now` in milliseconds since the epoch. */
export function rfc3339(now: number): string {
  const date = new Date(now);
  const offset = -date.getTimezoneOffset();
  const zone =
    offset === 0
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${zone}`;
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
