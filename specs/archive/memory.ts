// Rules about memory: checkpoints typically contain the memory pages of all processes. The rules apply only if the
// runtime writes CRIU images, because each runtime decides what its archives contain.
import path from 'node:path';
import { dumpContains, pagesBytes, processesOf } from '../archive-file/dump';
import { type Archive, openArchive } from '../archive-file/reader';
import { sentence } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { grantedCheckpoint, untilReady } from '../steps/checkpoint';
import { expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { Subject } from '../subject/subject';

const CANARY = 'ckptest-canary-4f1b2c';
/** Difference between the memory of the larger and of the smaller container, bytes. */
const MORE_MEMORY = 4 * 1024 * 1024;
/** A shell command that prints a line when it is ready and has a child process that keeps running. */
const HOLD = 'echo ready; while true; do sleep 1000; done';

/** Runs a script in a container and checkpoints it after the script has printed `ready`. */
async function archiveOf({ runtime, until }: Subject, script: string, environment = {}): Promise<Archive> {
  const container = await runtime.started({ command: ['/bin/sh', '-c', script], environment });
  await untilReady({ until }, container);
  const location = path.join(await runtime.directory(), 'checkpoint.tar');
  await grantedCheckpoint(runtime, container, location);
  return openArchive(location);
}

/**
 * Expects that the dumped memory of a process contains a value from its environment. A failure has the label `canary`.
 */
async function expectCanary(archive: Archive, pid: number): Promise<void> {
  const actual = `The memory of process ${pid} in the archive lacks the environment that the process has: its pages are missing or wrong`;
  expectThat('canary', await dumpContains(archive, pid, CANARY), 'the value of the variable CANARY', actual);
}

export const memory = group(
  'archive/memory',
  { level: 'documented', strength: 'should', needs: ['runtime', 'checkpoint', 'files', 'log-files'] },
  [
    {
      id: 'of-the-first-process',
      title: 'The dumped memory of the first process contains its environment',
      source: sentence('D6'),
      mutants: { ...UNREADABLE, 'archive-pages-blank': 'canary' },
      async check(subject) {
        const archive = await archiveOf(subject, HOLD, { CANARY });
        const [first] = await processesOf(archive);
        expectThat('processes', first !== undefined, 'at least one process', 'The archive lists no process');
        await expectCanary(archive, first.pid);
      },
    },
    {
      id: 'of-every-process',
      title: 'The archive contains the memory of child processes',
      source: sentence('D6'),
      mutants: { ...UNREADABLE, 'archive-pages-blank': 'canary', 'archive-without-children': 'processes' },
      async check(subject) {
        const archive = await archiveOf(subject, HOLD, { CANARY });
        const children = (await processesOf(archive)).filter(({ parentPid }) => parentPid !== 0);
        const actual = 'The archive lists only the first process, although the container had a child process';
        expectThat('processes', children.length > 0, 'the child process too', actual);
        for (const { pid } of children) await expectCanary(archive, pid);
      },
    },
    {
      id: 'grows-with-use',
      title: 'A container that uses more memory has a larger memory dump',
      source: sentence('D22'),
      mutants: { ...UNREADABLE, 'archive-without-large-memory': 'growth' },
      async check(subject) {
        const held = `x=$(head -c ${MORE_MEMORY} /dev/zero | tr '\\0' x); `;
        const small = pagesBytes(await archiveOf(subject, HOLD));
        const large = pagesBytes(await archiveOf(subject, held + HOLD));
        const actual = `A container that uses ${MORE_MEMORY} bytes more memory has only ${large - small} bytes more in its archive`;
        expectThat('growth', large - small >= MORE_MEMORY, `at least ${MORE_MEMORY} bytes more`, actual);
      },
    },
  ],
);
