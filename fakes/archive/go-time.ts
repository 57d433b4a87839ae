// Points in time as Go writes them, from nanoseconds that a number cannot hold.

/** Go's zero time in JSON: what a field holds that was never set. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** Whole seconds since the epoch of a time in nanoseconds (decimal digits). */
export function secondsOf(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000_000_000n);
}

/** RFC 3339 in UTC with as many decimals as are not zero (Go's RFC3339Nano), from nanoseconds in decimal digits. */
export function rfc3339Nano(nanoseconds: string): string {
  const decimals = (BigInt(nanoseconds) % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  const whole = new Date(secondsOf(nanoseconds) * 1000).toISOString().slice(0, 19);
  return decimals === '' ? `${whole}Z` : `${whole}.${decimals}Z`;
}
