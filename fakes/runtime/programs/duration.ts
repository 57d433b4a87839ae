// Durations in the format of `sleep` and `timeout`.

const SECONDS_OF: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses a duration such as `0.5` or `1m`. Returns milliseconds, or undefined if the text is not valid. */
export function duration(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * (SECONDS_OF[match[2] ?? ''] ?? 1) * 1000 : undefined;
}
