// Rules about a container that shares its sandbox with another one.
import path from 'node:path';
import { dumpContains, processesOf } from '../archive-file/dump';
import { type Archive, BadMember, openArchive } from '../archive-file/reader';
import { criApi, harm } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import {
  checkpointsAtOnce,
  expectCompleteArchive,
  expectProgress,
  grantedCheckpoint,
  untilReady,
} from '../steps/checkpoint';
import { expectOk, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { TestContainer } from '../subject/subject';

const TWO_AT_ONCE = 'One of the concurrent checkpoints of two containers in one sandbox';
/** A command that logs the value of $NAME repeatedly. */
const WRITE_NAME = ['/bin/sh', '-c', 'while true; do echo $NAME; sleep 0.02; done'];

/** Returns whether the dumped memory of a process in the archive contains a text. */
async function contains(archive: Archive, text: string): Promise<boolean> {
  for (const { pid } of await processesOf(archive)) if (await dumpContains(archive, pid, text)) return true;
  return false;
}

/** Returns the container id in an archive with CRIU images; undefined if there is no id. */
async function idIn(archive: Archive): Promise<unknown> {
  archive.images();
  const config = await archive.jsonObject('config.dump').catch((error: unknown) => {
    if (error instanceof BadMember) return undefined;
    throw error;
  });
  return config?.['id'];
}

export const sharedSandboxSpecs = group(
  'runtime/shared-sandbox',
  { level: 'contract', needs: ['runtime', 'checkpoint'] },
  [
    {
      id: 'neighbour-goes-on',
      title: 'A checkpoint leaves the other containers in its sandbox running',
      source: criApi('CheckpointContainer'),
      needs: ['log-files'],
      mutants: { 'runtime-checkpoint-freezes-neighbours': 'progress' },
      async check(subject) {
        const { runtime } = subject;
        const container = await runtime.started();
        const neighbor = await runtime.started({ beside: container });
        await grantedCheckpoint(runtime, container, path.join(await runtime.directory(), 'one.tar'));
        await expectProgress(subject, neighbor, 'after the checkpoint of another container in its sandbox');
      },
    },
    {
      id: 'each-is-checkpointed',
      title: 'Concurrent checkpoints of two containers in one sandbox succeed, each with its own archive',
      level: 'hardening',
      source: harm('lost'),
      needs: ['files'],
      mutants: { ...UNREADABLE, 'runtime-one-checkpoint-at-a-time': 'ok', 'runtime-one-checkpoint-a-sandbox': 'ok' },
      async check({ runtime }) {
        const container = await runtime.started();
        const neighbor = await runtime.started({ beside: container });
        const directory = await runtime.directory();
        const pairs = [
          [container, path.join(directory, 'one.tar')],
          [neighbor, path.join(directory, 'two.tar')],
        ] as const;
        for (const outcome of await checkpointsAtOnce(runtime, pairs))
          expectOk('CheckpointContainer', outcome, TWO_AT_ONCE);
        for (const [, location] of pairs) await expectCompleteArchive(location);
      },
    },
    {
      id: 'each-keeps-its-own',
      title: 'Two containers of one sandbox that are checkpointed at once keep their own logs, ids and memory',
      level: 'hardening',
      source: harm('lost'),
      needs: ['files', 'log-files'],
      mutants: {
        ...UNREADABLE,
        'archive-of-a-neighbor': 'id',
        'archive-memory-of-a-neighbor': 'memory',
        'archive-pages-blank': 'memory',
        'archive-without-metadata': 'id',
        'archive-of-another-container': 'id',
        'runtime-checkpoint-freezes-neighbours': 'progress',
        'runtime-leaves-container-frozen': 'progress',
        'runtime-stops-container': 'progress',
        'runtime-one-checkpoint-at-a-time': 'ok',
        'runtime-one-checkpoint-a-sandbox': 'ok',
      },
      async check(subject) {
        const { runtime } = subject;
        const directory = await runtime.directory();
        const own = async (name: string, beside?: TestContainer) => {
          const container = await runtime.started({ command: WRITE_NAME, environment: { NAME: name }, beside });
          return { container, name, location: path.join(directory, `${name}.tar`) };
        };
        const one = await own('ckptest-one');
        const other = await own('ckptest-other', one.container);
        for (const { container } of [one, other]) await untilReady(subject, container);
        const pairs = [one, other].map(({ container, location }) => [container, location] as const);
        for (const outcome of await checkpointsAtOnce(runtime, pairs))
          expectOk('CheckpointContainer', outcome, TWO_AT_ONCE);
        for (const { container, name } of [one, other]) {
          await expectProgress(subject, container);
          const foreign = (await container.log()).find(({ text }) => text !== name)?.text;
          const actual = `The log of the container that writes "${name}" contains "${foreign}"`;
          expectThat('log', foreign === undefined, "only the container's own lines in its log", actual);
        }
        for (const [{ container, name, location }, neighbor] of [
          [one, other.name],
          [other, one.name],
        ] as const) {
          const archive = await openArchive(location);
          const id = await idIn(archive);
          const named = `The archive of container ${container.id} says that it is of ${id}`;
          expectThat('id', id === container.id, 'the id of the checkpointed container in config.dump', named);
          const memory = "the memory of the container's own processes in its archive";
          const blank = `No process in the archive of container "${name}" has its environment in memory`;
          expectThat('memory', await contains(archive, name), memory, blank);
          const mixed = `The archive of container "${name}" contains memory of its neighbor "${neighbor}"`;
          expectThat('memory', !(await contains(archive, neighbor)), memory, mixed);
        }
      },
    },
  ],
);
