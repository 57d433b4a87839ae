// `ckptest known-failures REPORT`: writes the failures of a run as a list for `--known-failures`, or updates an
// existing list.
import fs from 'node:fs/promises';
import { errorText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import { specs } from '../../specs/index';
import { readKnownFailures } from '../report/known-failures';
import { type ListChanges, updatedList } from '../report/update-known-failures';
import { readResults } from '../reporters/read-results';
import type { OutputStreams } from './run';

/** How long new entries are accepted, days. */
const ACCEPTED_DAYS = 180;
const MS_PER_DAY = 24 * 60 * 60 * 1000;

const lastDay = (now: number) => new Date(now + ACCEPTED_DAYS * MS_PER_DAY).toISOString().slice(0, 10);

/**
 * Returns the text of a list. A file that does not exist counts as an empty list. Throws UserError if the list cannot
 * be read or is not valid.
 */
async function listIn(file: string): Promise<string> {
  const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new UserError(`--update ${file}: cannot be read (${errorText(error)}); name a file`);
  });
  if (text.trim() !== '') readKnownFailures(file, specs);
  return text;
}

const LINES: Readonly<Record<keyof ListChanges, string>> = {
  added: 'added, with the title of the rule: say in the reason what happens',
  removed: 'removed, because the rule holds',
  notTried: 'kept, although the report does not say whether they still fail',
  kept: 'kept as they were',
};

function* changeLines(changes: ListChanges): Generator<string> {
  for (const [kind, meaning] of Object.entries(LINES) as [keyof ListChanges, string][]) {
    const ids = changes[kind];
    if (ids.length > 0) yield `${ids.length} ${meaning}`;
    if (kind === 'added' || kind === 'removed') yield* ids.map((id) => `  ${id}`);
  }
}

/**
 * Writes the failures of a report to a list.
 *
 * @param report `results.json` of a run, or its directory
 * @param file path of the list to update; without it the list is printed
 * @throws UserError if the report or the list is not valid, or the list cannot be written
 */
export async function knownFailures(report: string, file: string | undefined, streams: OutputStreams): Promise<void> {
  const read = await readResults(report);
  const { text, changes } = updatedList(file === undefined ? '' : await listIn(file), read, lastDay(Date.now()));
  if (file === undefined) {
    streams.out.write(text);
    return;
  }
  await fs.writeFile(file, text).catch((error: unknown) => {
    throw new UserError(
      `--update ${file}: cannot be written (${errorText(error)}); name a file in a directory of yours`,
    );
  });
  streams.out.write(`${[file, ...changeLines(changes)].join('\n')}\n`);
}
