// What a benchmark tells: rows of a table, goals beside what was measured.

export interface BenchRow {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** Absent where the row is only to be seen. */
  readonly goal?: number;
  /** Default: at most the goal. */
  readonly atLeast?: boolean;
}

/** Whether a row is as it should be; undefined where it has no goal. */
export function reached({ measured, goal, atLeast }: BenchRow): boolean | undefined {
  if (goal === undefined) return undefined;
  return atLeast ? measured >= goal : measured <= goal;
}

const rounded = (value: number) => value.toFixed(value < 100 ? 1 : 0);

/** One line a row; columns are as wide as this table needs. */
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
