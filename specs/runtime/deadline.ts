// A deadline that passes in the middle of a checkpoint: the caller is gone, the container must not be.
import path from 'node:path';
import { finding } from '../sources';
import { group } from '../spec';

/** Milliseconds after which real runtimes are in the middle of a dump of a small container. */
const DEADLINES_MS = [20, 40, 60, 100];

export const deadline = group(
  'runtime/deadline',
  { level: 'hardening', needs: ['runtime', 'checkpoint', 'log-files'] },
  [
    {
      id: 'container-goes-on',
      title: 'When the deadline passes during a checkpoint the container runs on',
      source: finding('frozen-after-deadline'),
      mutants: { 'runtime-frozen-after-deadline': 'progress' },
      async check({ runtime, until }) {
        for (const milliseconds of DEADLINES_MS) {
          const container = await runtime.started();
          const location = path.join(await runtime.folder(), 'late.tar');
          const request = { container_id: container.id, location };
          await runtime.call('CheckpointContainer', request, { deadlineSeconds: milliseconds / 1000 });
          const before = await container.progress();
          await until(
            'progress',
            () => container.progress(),
            (lines) => lines > before + 1,
          );
        }
      },
    },
  ],
);
