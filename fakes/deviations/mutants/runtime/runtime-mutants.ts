// Defines runtimes that handle CheckpointContainer wrongly.

import fs from 'node:fs/promises';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { type CriCall, onMethod } from '../../../base/cri-call';
import { errorText } from '../../../base/error-text';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { isOfASpec } from './own-checkpoints';

type Checkpoint = CriCall<'CheckpointContainer'>;
type Next = (call: Checkpoint) => Promise<object>;

const checkpoint = (wrapper: (call: Checkpoint, next: Next) => Promise<object>): Effects => ({
  runtimeCri: onMethod('CheckpointContainer', wrapper),
});

/** Makes effects that report success instead of a failure if the request matches. */
const succeedsInstead = (fits: (call: Checkpoint, message: string) => boolean): Effects =>
  checkpoint(async (call, next) => {
    try {
      return await next(call);
    } catch (error) {
      if (fits(call, errorText(error))) return {};
      throw error;
    }
  });

/**
 * Returns whether the client's deadline is long enough for the checkpoint, even on a slow machine. Another mutant
 * handles short deadlines.
 */
const hasTime = ({ deadlineSeconds = Number.POSITIVE_INFINITY }: Checkpoint) => deadlineSeconds > 1;

const UNIMPLEMENTED = /CheckpointContainer/;

const table: DeviationTable = {
  'runtime-leaves-container-frozen': [
    'Does not resume the container',
    (runtime) =>
      checkpoint(async (call, next) => {
        const answer = await next(call);
        if (hasTime(call)) runtime().freeze(call.request.container_id);
        return answer;
      }),
  ],
  'runtime-stops-container': [
    'Stops a container that no kubelet manages after its checkpoint',
    (runtime) => {
      const orphans = new Set<string>();
      const notes = onMethod('CreateContainer', async (call, next) => {
        const answer = await next(call);
        if (isOfASpec(call.request.config?.labels)) orphans.add(answer.container_id ?? '');
        return answer;
      });
      const ends = onMethod('CheckpointContainer', async (call, next) => {
        const answer = await next(call);
        if (hasTime(call) && orphans.has(call.request.container_id))
          runtime().exit(call.request.container_id, 137, 'Error');
        return answer;
      });
      return { runtimeCri: (call, next) => notes(call, (noted) => ends(noted, next)) };
    },
  ],
  'runtime-checkpoints-any-state': [
    'Reports success for containers that are not running',
    () => succeedsInstead((_, message) => / state\. only /.test(message)),
  ],
  'runtime-refusal-leaves-a-file': [
    'Leaves a file at the location when a checkpoint fails',
    () =>
      checkpoint(async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          if (path.isAbsolute(call.request.location))
            await fs.writeFile(call.request.location, '', { flag: 'wx', mode: 0o600 }).catch(() => undefined);
          throw error;
        }
      }),
  ],
  'runtime-refusal-freezes-container': [
    'Freezes the container when it refuses a checkpoint',
    (runtime) =>
      checkpoint(async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          if (UNIMPLEMENTED.test(errorText(error))) runtime().freeze(call.request.container_id);
          throw error;
        }
      }),
  ],
  'runtime-refuses-with-unknown': [
    'Responds with Unknown instead of Unimplemented',
    () =>
      checkpoint((call, next) =>
        next(call).catch((error: unknown) => {
          throw UNIMPLEMENTED.test(errorText(error)) ? new StatusError(status.UNKNOWN, errorText(error)) : error;
        }),
      ),
  ],
  'runtime-accepts-unknown-id': [
    'Reports success for unknown ids',
    () => succeedsInstead((_, message) => /not found$/.test(message)),
  ],
  'runtime-unknown-id-is-unknown': [
    'Responds with Unknown instead of NotFound',
    () =>
      checkpoint((call, next) =>
        next(call).catch((error: unknown) => {
          throw /not found$/.test(errorText(error)) ? new StatusError(status.UNKNOWN, errorText(error)) : error;
        }),
      ),
  ],
  'runtime-takes-sandbox-for-container': [
    'Reports success for the id of a sandbox',
    (runtime) =>
      succeedsInstead((call) =>
        runtime()
          .state()
          .sandboxes.some(({ id }) => id === call.request.container_id),
      ),
  ],
  'runtime-accepts-relative-location': [
    'Accepts a relative location',
    () => succeedsInstead(({ request }) => request.location !== '' && !path.isAbsolute(request.location)),
  ],
  'runtime-accepts-empty-location': [
    'Accepts an empty location',
    () => succeedsInstead(({ request }) => request.location === ''),
  ],
  'runtime-makes-missing-parent': [
    'Creates missing parent directories of the location',
    () =>
      checkpoint(async (call, next) => {
        const { location } = call.request;
        if (path.isAbsolute(location)) await fs.mkdir(path.dirname(location), { recursive: true });
        return next(call);
      }),
  ],
  'runtime-writes-into-directory': [
    'Writes into a directory at the location',
    () =>
      checkpoint(async (call, next) => {
        const { location } = call.request;
        const found = await fs.stat(location).catch(() => undefined);
        if (!found?.isDirectory()) return next(call);
        return next({ ...call, request: { ...call.request, location: path.join(location, 'checkpoint.tar') } });
      }),
  ],
};

export const runtimeMutants = deviations('mutant', table);
