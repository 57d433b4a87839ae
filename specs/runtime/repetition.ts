// Checkpoints one after another, faster than the names that kubelets give them change.
import path from 'node:path';
import { criApi, finding } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointTo, expectCompleteArchive, expectProgress, HOLD_MORE, untilReady } from '../steps/checkpoint';
import { expectOk } from '../subject/expect';
import { group } from '../subject/spec';

export const repetitionSpecs = group('runtime/repetition', { level: 'hardening', needs: ['runtime', 'checkpoint'] }, [
  {
    id: 'two-within-a-second',
    title: 'Two checkpoints of one container in a row, to two locations, give two complete archives',
    source: criApi('CheckpointContainer'),
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
    title: 'A checkpoint over a larger archive leaves a complete archive: the new one, or the old one if it is refused',
    source: finding('tail-kept'),
    needs: ['files', 'log-files'],
    mutants: { ...UNREADABLE, 'archive-tail-kept': 'archive' },
    async check({ runtime, until }) {
      const [one, two] = [await runtime.started({ command: HOLD_MORE }), await runtime.started()];
      await untilReady({ until }, one);
      const location = path.join(await runtime.directory(), 'same.tar');
      expectOk('CheckpointContainer', await checkpointTo(runtime, one, location), 'The first checkpoint to a location');
      await checkpointTo(runtime, two, location);
      await expectCompleteArchive(location);
    },
  },
]);
