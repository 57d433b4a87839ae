// What a checkpoint typically holds: the memory pages of all processes. Its contents are the runtime's own business,
// so these rules speak only where the runtime writes CRIU images.
import path from 'node:path';
import { dumpContains, pagesBytes, processesOf } from '../archive-file/dump';
import { type Archive, openArchive } from '../archive-file/reader';
import { sentence } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointTo, untilReady } from '../steps/checkpoint';
import { expectOk, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { Subject } from '../subject/subject';

const CANARY = 'ckptest-canary-4f1b2c';
/** Bytes that the larger of two containers holds more than the smaller one. */
const MORE_MEMORY = 4 * 1024 * 1024;
/** Says when it is ready; its child is there to stay. */
const HOLD = 'echo ready; sleep 1000; true';

/** The archive of a container that runs the script, taken once the script has said that it is ready. */
async function archiveOf({ runtime, until }: Subject, script: string, environment = {}): Promise<Archive> {
  const container = await runtime.started({ command: ['/bin/sh', '-c', script], environment });
  await untilReady({ until }, container);
  const location = path.join(await runtime.directory(), 'checkpoint.tar');
  expectOk('CheckpointContainer', await checkpointTo(runtime, container, location));
  return openArchive(location);
}

export const memory = group(
  'archive/memory',
  { level: 'documented', strength: 'should', needs: ['runtime', 'checkpoint', 'files', 'log-files'] },
  [
    {
      id: 'of-the-first-process',
      title: 'What the first process has in its environment is found in its dumped memory',
      source: sentence('D6'),
      mutants: { ...UNREADABLE, 'archive-pages-blank': 'canary' },
      async check(subject) {
        const archive = await archiveOf(subject, HOLD, { CANARY });
        const [first] = await processesOf(archive);
        expectThat('processes', first !== undefined, 'at least one process', 'none');
        expectThat(
          'canary',
          await dumpContains(archive, first.pid, CANARY),
          `the value of CANARY in pages of ${first.pid}`,
          'no such bytes',
        );
      },
    },
    {
      id: 'of-every-process',
      title: 'The memory of child processes is dumped too',
      source: sentence('D6'),
      mutants: { ...UNREADABLE, 'archive-pages-blank': 'canary', 'archive-without-children': 'processes' },
      async check(subject) {
        const archive = await archiveOf(subject, HOLD, { CANARY });
        const children = (await processesOf(archive)).filter(({ parentPid }) => parentPid !== 0);
        expectThat('processes', children.length > 0, 'a child process that sleeps', 'only the first process');
        for (const { pid } of children)
          expectThat(
            'canary',
            await dumpContains(archive, pid, CANARY),
            `the value of CANARY in pages of ${pid}`,
            'no such bytes',
          );
      },
    },
    {
      id: 'grows-with-use',
      title: 'The more memory a container uses the more is dumped',
      source: sentence('D22'),
      mutants: { ...UNREADABLE, 'archive-without-large-memory': 'growth' },
      async check(subject) {
        const held = `x=$(head -c ${MORE_MEMORY} /dev/zero | tr '\\0' x); `;
        const small = pagesBytes(await archiveOf(subject, HOLD));
        const large = pagesBytes(await archiveOf(subject, held + HOLD));
        expectThat(
          'growth',
          large - small >= MORE_MEMORY,
          `at least ${MORE_MEMORY} bytes more`,
          `${large - small} bytes more`,
        );
      },
    },
  ],
);
