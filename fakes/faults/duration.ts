// Parses the durations in fault plans and in requests to the control address: milliseconds, or a number with a unit.

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration such as `250ms`, `1.5s`, `2m` or `1h`.
 *
 * @returns the duration, milliseconds; undefined if the value is not a duration
 */
export function parseMilliseconds(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? value : undefined;
  const [, amount, unit] = /^([0-9]+(?:[.][0-9]+)?)(ms|s|m|h)$/.exec(String(value)) ?? [];
  const ms = Number(amount) * (UNITS[unit ?? ''] ?? 1);
  return Number.isFinite(ms) ? ms : undefined;
}
