// The committed matrix: one line a mutant or variant, so that changes of two people meet in different lines.
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../fakes/user-error';
import { errorText } from '../error-text';
import { type BentKind, namesOf, type Row } from './row';

/** Of the sources, wherever the compiled code stands: beside them in tests, below `dist` otherwise. */
const FOLDER = path.join('harness', 'mutants');
const fileOf = (root: string) => path.join(root, FOLDER, 'matrix.json');

type Line = Pick<Row, 'red' | 'unjudged'>;
export type Table = Readonly<Record<BentKind, Readonly<Record<string, Line>>>>;

/** Reads the committed matrix below the folder of the sources. Throws a UserError where that is not one. */
export function readTable(root: string): Table {
  try {
    return JSON.parse(fs.readFileSync(fileOf(root), 'utf8')) as Table;
  } catch (error) {
    throw new UserError(
      `${fileOf(root)}: ${errorText(error)}; run this in the folder of the sources, or write the file anew with --update`,
    );
  }
}

const lines = (rows: readonly Row[], kind: BentKind) =>
  rows
    .filter((row) => row.kind === kind)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, red, unjudged }) => `    ${JSON.stringify(name)}: ${JSON.stringify({ red, unjudged })}`)
    .join(',\n');

/** The text of the matrix of these rows. */
export const tableText = (rows: readonly Row[]): string =>
  `{\n  "mutant": {\n${lines(rows, 'mutant')}\n  },\n  "variant": {\n${lines(rows, 'variant')}\n  }\n}\n`;

/** The committed row of a deviation, or undefined. */
export function tableRow(table: Table, kind: BentKind, name: string): Row | undefined {
  const line = table[kind]?.[name];
  return line && { kind, name, ...line };
}

/** Writes rows into the committed matrix; rows of deviations that are gone go too. */
export function updateTable(root: string, fresh: readonly Row[]): void {
  const known = fs.existsSync(fileOf(root)) ? readTable(root) : undefined;
  const rows = (['mutant', 'variant'] as const).flatMap((kind) =>
    namesOf(kind).flatMap((name) => {
      const measured = fresh.find((row) => row.kind === kind && row.name === name);
      const row = measured ?? (known && tableRow(known, kind, name));
      return row ? [row] : [];
    }),
  );
  fs.writeFileSync(fileOf(root), tableText(rows));
}

/** Rows of the table that no deviation stands behind any more. */
export function orphans(table: Table): string[] {
  return (['mutant', 'variant'] as const).flatMap((kind) =>
    Object.keys(table[kind] ?? {}).filter((name) => !namesOf(kind).includes(name)),
  );
}
