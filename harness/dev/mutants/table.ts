// Reads and writes the committed matrix. Each mutant or variant has its own line, so that changes of two people rarely
// conflict.
import fs from 'node:fs';
import path from 'node:path';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import { type MatrixKind, type MatrixRow, namesOf } from './row';

const KINDS: readonly MatrixKind[] = ['mutant', 'variant'];

const fileOf = (root: string) => path.join(root, 'harness', 'dev', 'mutants', 'matrix.jsonl');

/**
 * Reads the committed matrix.
 *
 * @param root directory of the sources
 * @throws UserError if the matrix cannot be read
 */
export function readTable(root: string): readonly MatrixRow[] {
  try {
    const lines = fs.readFileSync(fileOf(root), 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as MatrixRow);
  } catch (error) {
    throw new UserError(
      `${fileOf(root)}: ${errorText(error)}; run this in the directory of the sources, or create the file with --update`,
    );
  }
}

/** Returns the committed row of a deviation; undefined if there is no such row. */
export const tableRow = (table: readonly MatrixRow[], kind: MatrixKind, name: string): MatrixRow | undefined =>
  table.find((row) => row.kind === kind && row.name === name);

/**
 * Writes rows into the committed matrix, and removes rows of deviations that no longer exist.
 *
 * @param root directory of the sources
 */
export function updateTable(root: string, fresh: readonly MatrixRow[]): void {
  const known = fs.existsSync(fileOf(root)) ? readTable(root) : [];
  const rows = KINDS.flatMap((kind) =>
    [...namesOf(kind)].sort().flatMap((name) => tableRow(fresh, kind, name) ?? tableRow(known, kind, name) ?? []),
  );
  fs.writeFileSync(fileOf(root), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** Returns the names of rows whose deviation no longer exists. */
export const orphans = (table: readonly MatrixRow[]): string[] =>
  table.filter(({ kind, name }) => !namesOf(kind).includes(name)).map(({ name }) => name);
