// Durations as Go writes and reads them: `1h30m`, `250ms`, `-1.5s` (time.ParseDuration).

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
/** Digits of a fraction beyond these are less than a nanosecond of an hour. */
const FRACTION_DIGITS = 18;
/** No duration of 64 bits has more digits. */
const MAX_TEXT = 400;

/** Nanoseconds of a duration; undefined where Go gives an error: no unit, an unknown one, or out of range. */
export function parseGoDuration(text: string): bigint | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (!/^(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/([0-9]*)\.?([0-9]*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = UNITS[unit] ?? 0n;
    const kept = fraction.slice(0, FRACTION_DIGITS);
    total += BigInt(whole || '0') * size + (BigInt(kept || '0') * size) / 10n ** BigInt(kept.length);
  }
  const signed = sign === '-' ? -total : total;
  return signed > MAX || signed < -MAX - 1n ? undefined : signed;
}
