// Parses durations such as `1h30m`, `250ms` or `-1.5s` as Go's `time.ParseDuration` does.

/** Nanoseconds in each unit. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const MAX = 2n ** 63n - 1n;
/** Maximum number of fraction digits that are used. Further digits are less than a nanosecond even in hours. */
const FRACTION_DIGITS = 18;
/** Maximum length of a text, characters. Parsing very long numbers is slow. */
const MAX_TEXT = 400;

/**
 * Parses a duration.
 *
 * @returns the duration, nanoseconds; undefined if Go reports an error, for example for a missing or unknown unit
 */
export function parseGoDuration(text: string): bigint | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (!/^(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/([0-9]*)\.?([0-9]*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = UNITS[unit] ?? 0n;
    const fractionDigits = fraction.slice(0, FRACTION_DIGITS);
    total +=
      BigInt(whole || '0') * size + (BigInt(fractionDigits || '0') * size) / 10n ** BigInt(fractionDigits.length);
  }
  const signed = sign === '-' ? -total : total;
  return signed > MAX || signed < -MAX - 1n ? undefined : signed;
}
