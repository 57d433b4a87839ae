// Formats points in time as Go's `time` package does.

/** Go's zero time in JSON, which is the value of a field that was never set. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/**
 * Converts a time to nanoseconds, which a number cannot represent exactly.
 *
 * @param ms milliseconds since the epoch, with or without a fraction
 * @returns nanoseconds since the epoch, as decimal digits
 */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return (BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6))).toString();
}

/**
 * Converts a time to seconds, rounded down.
 *
 * @param nanos nanoseconds since the epoch, decimal digits
 */
export function unixSeconds(nanos: string): number {
  return Number(BigInt(nanos) / 1_000_000_000n);
}

const two = (value: number) => String(value).padStart(2, '0');

/** Formats a time as `2006-01-02T15:04:05`, without a time zone. */
const dateAndTime = (ms: number) => new Date(ms).toISOString().slice(0, 19);

const fractionOf = (nanos: string) => (BigInt(nanos) % 1_000_000_000n).toString().padStart(9, '0');

/**
 * Writes a time as `time.RFC3339`, which ends in `Z` for UTC.
 *
 * @param now the time, milliseconds since the epoch
 * @param offset offset of the time zone, minutes east of UTC. Default: the local time zone
 */
export function rfc3339(now: number, offset = -new Date(now).getTimezoneOffset()): string {
  const sign = offset < 0 ? '-' : '+';
  const zone = offset === 0 ? 'Z' : `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${dateAndTime(now + offset * 60_000)}${zone}`;
}

/**
 * Writes a time as `time.RFC3339Nano` in UTC: trailing zeros of the fraction are dropped.
 *
 * @param nanos nanoseconds since the epoch, decimal digits
 */
export function rfc3339Nano(nanos: string): string {
  const fraction = fractionOf(nanos).replace(/0+$/, '');
  return `${dateAndTime(unixSeconds(nanos) * 1000)}${fraction && `.${fraction}`}Z`;
}

/**
 * Writes a time in UTC with all nine digits of the fraction, in the form at the beginning of lines in CRI logs.
 *
 * @param nanos nanoseconds since the epoch, decimal digits
 */
export function criLogTime(nanos: string): string {
  return `${dateAndTime(unixSeconds(nanos) * 1000)}.${fractionOf(nanos)}Z`;
}

let dateSecond = -1;
let dateText = '';

/**
 * Writes the value of the HTTP `Date` header.
 *
 * @param now the time, milliseconds since the epoch
 */
export function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
