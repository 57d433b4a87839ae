// The committed matrix: one line a mutant or variant, so that changes of two people meet in different lines.
import fs from 'node:fs';
import path from 'node:path';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import { type MatrixKind, type MatrixRow, namesOf } from './row';

const KINDS: readonly MatrixKind[] = ['mutant', 'variant'];

const fileOf = (root: string) => path.join(root, 'harness', 'dev', 'mutants', 'matrix.jsonl');

/** Reads the committed matrix below the directory of the sources. Throws a UserError where that is not one. */
export function readTable(root: string): readonly MatrixRow[] {
  try {
    const lines = fs.readFileSync(fileOf(root), 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as MatrixRow);
  } catch (error) {
    throw new UserError(
      `${fileOf(root)}: ${errorText(error)}; run this in the directory of the sources, or write the file anew with --update`,
    );
  }
}

/** The committed row of a deviation, or undefined. */
export const tableRow = (table: readonly MatrixRow[], kind: MatrixKind, name: string): MatrixRow | undefined =>
  table.find((row) => row.kind === kind && row.name === name);

/** Writes rows into the committed matrix; rows of deviations that are gone go too. */
export function updateTable(root: string, fresh: readonly MatrixRow[]): void {
  const known = fs.existsSync(fileOf(root)) ? readTable(root) : [];
  const rows = KINDS.flatMap((kind) =>
    [...namesOf(kind)].sort().flatMap((name) => tableRow(fresh, kind, name) ?? tableRow(known, kind, name) ?? []),
  );
  fs.writeFileSync(fileOf(root), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** Rows of the table that no deviation stands behind any more. */
export const orphans = (table: readonly MatrixRow[]): string[] =>
  table.filter(({ kind, name }) => !namesOf(kind).includes(name)).map(({ name }) => name);
