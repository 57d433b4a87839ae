// Liberties that the standard leaves a runtime: no spec may mind.
import { setTimeout } from 'node:timers/promises';
import { grpcStatus, StatusError } from '../runtime/errors';
import { onMethod } from '../wires';
import { type DeviationTable, deviations } from './deviation';

const table: DeviationTable = {
  'foreign-contents': [
    'writes archives with wholly other contents than CRIU images',
    () => ({
      archive: (job, next) => {
        const content = Buffer.from('state of another kind of runtime');
        return next({ ...job, entries: [{ name: 'state.bin', mode: 0o600, size: content.length, content }] });
      },
    }),
  ],
  'other-messages': [
    'words its errors in another way',
    () => ({
      answers: (call, next) =>
        next(call).catch((error: unknown) => {
          const { code, details } = grpcStatus(error);
          throw new StatusError(code, details.includes('CheckpointContainer') ? details : `sorry: ${details}`);
        }),
    }),
  ],
  'slow-checkpoints': [
    'takes its time to checkpoint',
    () => ({
      answers: onMethod('CheckpointContainer', async (call, next) => {
        await setTimeout(150, undefined, { signal: call.signal });
        return next(call);
      }),
    }),
  ],
  'more-members': [
    'puts files of its own into archives',
    () => ({
      archive: (job, next) =>
        next({
          ...job,
          entries: [...job.entries, { name: 'vendor.json', mode: 0o600, size: 2, content: Buffer.from('{}') }],
        }),
    }),
  ],
};

export const variants = deviations('variant', table);
