// Rules about files: a successful checkpoint creates one file, and a failed checkpoint changes nothing.
import fs from 'node:fs/promises';
import path from 'node:path';
import { circumstance } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointTo, expectCompleteArchive, expectProgress, takeCheckpoint } from '../steps/checkpoint';
import { expectFailed, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime } from '../subject/subject';

const UNKNOWN_ID = 'd'.repeat(64);
const KEPT = 'to be kept';
/** A device on which every write fails because the disk is full. */
const FULL = '/dev/full';

/** Returns the names and contents of the files in a directory, and the names of its directories. */
async function listing(directory: string): Promise<string> {
  const rows = await Promise.all(
    (await fs.readdir(directory, { recursive: true })).sort().map(async (name) => {
      const file = path.join(directory, name);
      const found = await fs.lstat(file);
      return found.isFile() ? `${name}: ${(await fs.readFile(file, 'utf8')).slice(0, KEPT.length)}` : name;
    }),
  );
  return rows.join('; ');
}

/** Creates a directory that contains a file and a directory. */
async function furnished(runtime: Runtime): Promise<string> {
  const directory = await runtime.directory();
  await fs.writeFile(path.join(directory, 'neighbour.tar'), KEPT);
  await fs.mkdir(path.join(directory, 'taken'));
  await fs.writeFile(path.join(directory, 'taken', 'inside'), KEPT);
  return directory;
}

export const leftoverSpecs = group(
  'runtime/leftovers',
  { level: 'hardening', needs: ['runtime', 'checkpoint', 'files'] },
  [
    {
      id: 'success-leaves-one-file',
      title: 'After a successful checkpoint the archive is the only new file in its directory',
      source: circumstance('success'),
      mutants: {
        'archive-draft-left-behind': 'left-over',
        'archive-missing': 'left-over',
        'archive-elsewhere': 'left-over',
      },
      async check(subject) {
        const { location } = await takeCheckpoint(subject);
        const names = (await fs.readdir(path.dirname(location))).join(', ');
        const actual = `The checkpoint succeeded, and its directory then contains ${names || 'nothing'}`;
        expectThat('left-over', names === path.basename(location), `only ${path.basename(location)}`, actual);
      },
    },
    {
      id: 'failure-leaves-a-folder-as-it-was',
      title: 'A failed checkpoint creates, changes and removes nothing in its directory',
      source: circumstance('missing-parent'),
      mutants: {
        'runtime-refusal-leaves-a-file': 'left-over',
        'runtime-failure-takes-away': 'left-over',
        'runtime-makes-missing-parent': 'code',
        'runtime-writes-into-directory': 'code',
        'runtime-accepts-unknown-id': 'code',
      },
      async check({ runtime }) {
        const container = await runtime.started();
        const directory = await furnished(runtime);
        const before = await listing(directory);
        const attempts: readonly (readonly [{ id: string }, string])[] = [
          [container, 'no/such/x.tar'],
          [container, 'taken'],
          [container, 'neighbour.tar/x.tar'],
          [{ id: UNKNOWN_ID }, 'unknown.tar'],
          [{ id: UNKNOWN_ID }, 'neighbour.tar'],
        ];
        for (const [requested, name] of attempts) {
          const what = `A checkpoint of ${requested === container ? 'a container' : 'an unknown container'} to ${name}`;
          const location = path.join(directory, name);
          expectFailed('CheckpointContainer', await checkpointTo(runtime, requested, location), what);
          const after = await listing(directory);
          const actual = `${what} failed, but changed the directory: it contained ${before} and now contains ${after}`;
          expectThat('left-over', after === before, 'the same files as before', actual, [location]);
        }
      },
    },
    {
      id: 'full-disk-is-no-success',
      title: 'A checkpoint to a full disk fails, or the runtime writes a complete archive to another disk',
      source: circumstance('disk-full'),
      needs: ['log-files'],
      mutants: {
        ...UNREADABLE,
        'runtime-success-on-a-full-disk': 'archive',
        'runtime-frozen-on-a-full-disk': 'progress',
        'runtime-leaves-container-frozen': 'progress',
        'runtime-stops-container': 'progress',
      },
      async check(subject) {
        const { runtime } = subject;
        const container = await runtime.started();
        const location = path.join(await runtime.directory(), 'full.tar');
        // Use a link: a runtime may remove the file at the location, but must not remove the device itself.
        await fs.symlink(FULL, location);
        const { ok } = await checkpointTo(runtime, container, location);
        if (ok) {
          const isFile = (await fs.lstat(location)).isFile();
          const actual = 'The disk is full, and the checkpoint reported success without writing an archive';
          expectThat('archive', isFile, 'an error, or an archive in place of the link to the full device', actual);
          await expectCompleteArchive(location);
        }
        await expectProgress(subject, container, 'after the checkpoint to a full disk');
      },
    },
  ],
);
