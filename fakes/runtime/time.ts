// Points in time as CRI and its log files write them.

/** Nanoseconds since the epoch as decimal digits, from milliseconds since the epoch with or without a fraction. */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return (BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6))).toString();
}

/** RFC 3339 in UTC with all nine digits of the second's fraction, as CRI log lines start. */
export function timestamp(nanos: string): string {
  const digits = nanos.padStart(10, '0');
  const seconds = Number(digits.slice(0, -9));
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${digits.slice(-9)}Z`;
}

const SECONDS_OF: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Milliseconds of what `sleep` takes, as `0.5` or `1m`; undefined where it is none. */
export function duration(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * (SECONDS_OF[match[2] ?? ''] ?? 1) * 1000 : undefined;
}
