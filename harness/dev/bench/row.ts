// Defines the rows of a benchmark's table: measured values with their goals.

export interface BenchRow {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** The goal; absent if the row is only informative. */
  readonly goal?: number;
  /** Whether the goal is a lower limit. Default: an upper limit. */
  readonly atLeast?: boolean;
}

/** Returns whether a row reached its goal; undefined if the row has no goal. */
export function reached({ measured, goal, atLeast }: BenchRow): boolean | undefined {
  if (goal === undefined) return undefined;
  return atLeast ? measured >= goal : measured <= goal;
}

const rounded = (value: number) => value.toFixed(value < 100 ? 1 : 0);

/** Formats the rows as a table with aligned columns. */
export function table(rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows
    .map((row) => {
      const { what, measured, unit, goal, atLeast } = row;
      const bar = goal === undefined ? '' : `${atLeast ? 'at least' : 'at most'} ${goal} ${unit}`;
      const verdict = { true: 'reached', false: 'MISSED', undefined: '' }[`${reached(row)}`];
      const value = `${rounded(measured)} ${unit}`;
      return `${what.padEnd(width)}  ${value.padStart(12)}  ${bar.padEnd(18)}  ${verdict}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}
