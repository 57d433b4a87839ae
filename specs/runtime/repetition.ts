// Rules about checkpoints in quick succession. Kubelets give two checkpoints within one second the same location,
// because the archive's name contains whole seconds.
import path from 'node:path';
import { processesOf } from '../archive-file/dump';
import { type Archive, openArchive } from '../archive-file/reader';
import { finding, harm } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import {
  checkpointTo,
  expectCompleteArchive,
  expectProgress,
  grantedCheckpoint,
  HOLD_MORE,
  untilReady,
} from '../steps/checkpoint';
import { expectOk, expectThat, Unsupported } from '../subject/expect';
import { group } from '../subject/spec';

const LATER = '/tmp/later';

/**
 * A script that starts a short process twice a second until the file LATER exists, and then starts a process that
 * keeps running. CRIU may interrupt the sleep of a process, so the sleep is in a loop.
 */
const PROCESSES_THAT_END = [
  '/bin/sh',
  '-c',
  `echo ready; until [ -e ${LATER} ]; do sleep 0.5; done; echo later; while true; do sleep 1000; done`,
];
/** Matches images of one process or thread, with its id. */
const OF_A_PROCESS = /^checkpoint\/(?:core|mm|pagemap|fs|ids)-(\d+)\.img$/;

export const repetitionSpecs = group('runtime/repetition', { level: 'hardening', needs: ['runtime', 'checkpoint'] }, [
  {
    id: 'two-within-a-second',
    title: 'Two consecutive checkpoints of one container to two locations write two complete archives',
    source: harm('lost'),
    needs: ['files', 'log-files'],
    mutants: {
      ...UNREADABLE,
      'runtime-one-checkpoint-a-second': 'ok',
      'runtime-stops-container': 'ok',
      'runtime-leaves-container-frozen': 'progress',
    },
    async check(subject) {
      const { runtime } = subject;
      const container = await runtime.started();
      const directory = await runtime.directory();
      const locations = ['1.tar', '2.tar'].map((name) => path.join(directory, name));
      for (const [index, location] of locations.entries())
        expectOk(
          'CheckpointContainer',
          await checkpointTo(runtime, container, location),
          `Checkpoint ${index + 1} of two in a row`,
        );
      for (const location of locations) await expectCompleteArchive(location);
      await expectProgress(subject, container, 'after two checkpoints in a row');
    },
  },
  {
    id: 'same-location-is-whole',
    title:
      'A checkpoint over a larger archive leaves a complete archive: the new one, or the old one if the request is refused',
    source: finding('same-location-is-whole'),
    needs: ['files', 'log-files'],
    mutants: { ...UNREADABLE, 'archive-tail-kept': 'archive' },
    async check({ runtime, until }) {
      const [one, two] = [await runtime.started({ command: HOLD_MORE }), await runtime.started()];
      await untilReady({ until }, one);
      const location = path.join(await runtime.directory(), 'same.tar');
      await grantedCheckpoint(runtime, one, location);
      const { ok } = await checkpointTo(runtime, two, location);
      const since = `The checkpoint over a larger archive ${ok ? 'succeeded' : 'failed'}, but`;
      await expectCompleteArchive(location, since, 'the older, longer file');
    },
  },
  {
    id: 'ended-processes-are-left-out',
    title: 'A later archive contains no images of processes that ended after the earlier checkpoint',
    source: harm('lost'),
    needs: ['files', 'log-files'],
    mutants: {
      ...UNREADABLE,
      'archive-with-ended-processes': 'ended',
      'runtime-one-checkpoint-a-second': 'ok',
      'runtime-stops-container': 'ok',
      'runtime-leaves-container-frozen': 'ok',
      'runtime-checkpoint-cuts-the-log': 'ready',
    },
    async check(subject) {
      const { runtime } = subject;
      const container = await runtime.started({ command: PROCESSES_THAT_END });
      const archives: Archive[] = [];
      const directory = await runtime.directory();
      for (const name of ['1.tar', '2.tar']) {
        await untilReady(subject, container, archives.length + 1);
        const location = path.join(directory, name);
        const outcome = await checkpointTo(runtime, container, location);
        expectOk('CheckpointContainer', outcome, `The checkpoint to ${name}`);
        archives.push(await openArchive(location));
        const cmd = ['touch', LATER];
        const touched = await runtime.call('ExecSync', { container_id: container.id, cmd, timeout: '10' });
        expectOk('ExecSync', touched, 'A command in the container, after its checkpoint,');
      }
      const [first, second] = archives;
      const imagesIn = (archive?: Archive) => (archive?.images(OF_A_PROCESS) ?? []).map((member) => member.path);
      const running = second ? (await processesOf(second)).flatMap(({ pid, threads }) => [pid, ...threads]) : [];
      const ended = imagesIn(first).filter((image) => !running.includes(Number(OF_A_PROCESS.exec(image)?.[1])));
      if (ended.length === 0) throw new Unsupported('the first archive has no process that ended later', 'not-offered');
      const left = imagesIn(second).filter((image) => ended.includes(image));
      expectThat(
        'ended',
        left.length === 0,
        'only images of processes that were running',
        `The second archive of the container contains ${left.join(', ')}: its process ended before this checkpoint`,
      );
    },
  },
]);
