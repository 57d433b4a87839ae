// `npm run mutants`: runs specs on mutants and variants, and compares the results with the catalogue and the committed
// matrix. Without arguments it runs every spec on every mutant and variant. `--focus` selects specs, and names select
// mutants and variants.
import { parseArgs } from 'node:util';
import { errorText } from '../../../fakes/base/error-text';
import { nearest } from '../../../fakes/base/nearest';
import { UserError } from '../../../fakes/base/user-error';
import { specs } from '../../../specs/index';
import { select } from '../../run/select';
import { isBeyondThisUser } from '../needs-root';
import { measureAll } from './pool';
import {
  asJudgedHere,
  cellsOf,
  differences,
  type MatrixKind,
  type MatrixRow,
  namesOf,
  specsNaming,
  wantedRow,
} from './row';
import { shareOf } from './share';
import { orphans, readTable, tableRow, updateTable } from './table';
import type { Measured, Task } from './worker';

const say = (line: string) => process.stdout.write(`${line}\n`);
const KINDS: readonly MatrixKind[] = ['mutant', 'variant'];

/**
 * Returns all mutants and variants, or those with the given names.
 *
 * @throws UserError for an unknown name
 */
function chosenTasks(names: readonly string[]): readonly Task[] {
  const all = KINDS.flatMap((kind) => namesOf(kind).map((name) => ({ kind, name })));
  const known = all.map(({ name }) => name);
  const unknownName = names.find((name) => !known.includes(name));
  if (unknownName !== undefined)
    throw new UserError(
      `${unknownName}: there is no mutant or variant of this name; similar names are ${nearest(unknownName, known).join(', ')}`,
    );
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/**
 * Returns the specs that no mutant breaks, the mutants that no spec names, and the names in specs that are not names of
 * mutants.
 */
function unpaired(): string[] {
  const mutants = namesOf('mutant');
  const unknownMutants = specs.flatMap(({ id, mutants: named }) =>
    Object.keys(named)
      .filter((name) => !mutants.includes(name))
      .map((name) => `${id} names ${name}, which is not a mutant`),
  );
  return [
    ...specs.filter((spec) => Object.keys(spec.mutants).length === 0).map(({ id }) => `no mutant breaks ${id}`),
    ...mutants.filter((name) => specsNaming(name).length === 0).map((name) => `no spec names the mutant ${name}`),
    ...unknownMutants,
  ];
}

/**
 * Returns the differences between the committed matrix and the measured rows.
 *
 * @param ids the specs that ran
 */
function stale(table: readonly MatrixRow[], rows: readonly MatrixRow[], ids: readonly string[]): string[] {
  const changed = rows.flatMap((row) => {
    const committed = tableRow(table, row.kind, row.name);
    if (committed === undefined) return [`${row.name} is not in the committed matrix`];
    return differences(asJudgedHere(cellsOf(committed, ids), row.unjudged), row).map(
      (one) => `${row.name}: the committed matrix says that ${one}`,
    );
  });
  return [...changed, ...orphans(table).map((name) => `${name} is in the committed matrix but does not exist`)];
}

async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      focus: { type: 'string' },
      share: { type: 'string', default: '1/1' },
      update: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.update && specs.some(isBeyondThisUser))
    throw new UserError('--update: some rules need root; run this as root, or without --update');
  if (values.update && values.focus !== undefined)
    throw new UserError('--update writes whole rows, so every rule must run; leave out --focus');
  const { chosen } = select(specs, values.focus === undefined ? {} : { focus: values.focus });
  const ids = chosen.map(({ id }) => id);
  const tasks = shareOf(chosenTasks(positionals), values.share).map((task) => ({ ...task, ids }));
  const table = values.update ? undefined : readTable(process.cwd());
  const rows: MatrixRow[] = [];
  const wrong = unpaired();
  let done = 0;
  const onMeasured = (measured: Measured) => {
    const { kind, name } = measured.task;
    const found =
      'error' in measured ? [measured.error] : differences(cellsOf(wantedRow(measured.row), ids), measured.row);
    if ('row' in measured && (found.length === 0 || !values.update)) rows.push(measured.row);
    done += 1;
    const red = 'row' in measured ? Object.keys(measured.row.red).length : 0;
    const seconds = (measured.milliseconds / 1000).toFixed(1);
    say(
      `${done}/${tasks.length} ${found.length === 0 ? 'as expected' : 'WRONG'}: ${kind} ${name}, ${red} red, ${seconds} s`,
    );
    for (const one of found) say(`    ${one}`);
    wrong.push(...found.map((one) => `${name}: ${one}`));
  };
  await measureAll(tasks, onMeasured, signal);
  if (signal.aborted) throw new UserError('the matrix was interrupted; everything that the run created was removed');
  if (values.update) updateTable(process.cwd(), rows);
  if (table) wrong.push(...stale(table, rows, ids));
  const cells = ids.length * rows.length;
  say(`\n${tasks.length} mutants and variants by ${ids.length} specs, ${cells} cells`);
  if (wrong.length === 0) say(values.update ? 'the matrix was written' : 'the matrix is as expected');
  else {
    say(`${wrong.length} differences${values.update ? '; their rows were not changed' : ''}:`);
    for (const one of wrong) say(`  ${one}`);
    if (table) say('if the specs are right and the matrix is out of date, run: npm run mutants -- --update');
  }
  return wrong.length === 0 ? 0 : 1;
}

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());
run(process.argv.slice(2), interrupted.signal).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`mutants: ${errorText(error)}\n`);
    process.exitCode = 2;
  },
);
