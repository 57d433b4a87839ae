// Tests that `inspect` and the suite agree: on the archive of every mutant, the findings are the rules that fail in the
// matrix.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { counterSnapshot } from '../../fakes/archive/testing/counter-snapshot';
import { writeArchive } from '../../fakes/archive/writing/writer';
import { UserError } from '../../fakes/base/user-error';
import { archiveMutants } from '../../fakes/deviations/mutants/archive/archive-mutants';
import { ARCHIVE_RULES } from '../../specs/archive/check-archive';
import { readTable, tableRow } from '../dev/mutants/table';
import { LAYOUTS } from '../dev/runtimes/fake-archive';
import { inspectArchive } from './inspect-archive';

const FORMAT = 'archive/format/is-a-plain-tar';
/** Labels of expectations that `inspect` cannot check, because they need knowledge of the container. */
const NOT_IN_THE_ARCHIVE = new Set([
  'archive-of-another-container: archive/metadata/names-the-container',
  'archive-of-another-command: archive/metadata/has-what-runs',
]);
const RULES: ReadonlySet<string> = new Set(ARCHIVE_RULES.map(({ id }) => id));

let directory: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-agreement-'));
});
afterAll(() => fs.rm(directory, { recursive: true }));

const table = readTable(path.join(__dirname, '../..'));
const { signal } = new AbortController();

const noRuntime = () => {
  throw new Error('an effect on archives needs no runtime');
};

/**
 * Returns the rules about single archives that fail on a mutant. An unreadable archive breaks only the rule about the
 * tar format.
 */
function failing(name: string): string[] {
  const failed = Object.entries(tableRow(table, 'mutant', name)?.red ?? {});
  return failed
    .filter(([id, label]) => RULES.has(id) && (label !== 'archive' || id === FORMAT))
    .map(([id]) => id)
    .filter((id) => !NOT_IN_THE_ARCHIVE.has(`${name}: ${id}`))
    .sort();
}

/**
 * Returns the ids of the suite's rules that the archive breaks according to `inspect`. If there is no archive, this is
 * the rule about the tar format.
 */
async function found(location: string): Promise<string[]> {
  try {
    const { findings, compression } = await inspectArchive(location);
    const ids = findings.map(({ id }) => id).filter((id) => RULES.has(id));
    return [...new Set([...ids, ...(compression ? [FORMAT] : [])])].sort();
  } catch (error) {
    if (error instanceof UserError) return [FORMAT];
    throw error;
  }
}

test.each(archiveMutants.map(({ name }) => name))('%s', async (name) => {
  const mutant = archiveMutants.find((one) => one.name === name);
  const { archive } = mutant?.effects(noRuntime) ?? {};
  const snapshot = counterSnapshot({ checkpointedAt: String(BigInt(Date.now()) * 1_000_000n) });
  const location = path.join(directory, `${name}.tar`);
  const job = { snapshot, entries: LAYOUTS.containerd(snapshot), location, signal };
  await archive?.(job, (changed) => writeArchive(changed));
  expect(await found(location)).toEqual(failing(name));
});

test('every rule is broken by at least one mutant, so the comparison is complete', () => {
  const broken = new Set(archiveMutants.flatMap(({ name }) => failing(name)));
  expect([...broken].sort()).toEqual([...RULES].sort());
});
