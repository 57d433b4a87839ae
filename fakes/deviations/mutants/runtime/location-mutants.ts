// Defines runtimes that handle the location of an archive, or an existing file there, wrongly.
import fs from 'node:fs/promises';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { LocationError } from '../../../archive/writing/location';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations } from '../../deviation';
import { freezeIfRunning, ownCheckpoints } from './own-checkpoints';

/** How long a container is paused without a checkpoint, milliseconds. */
const PAUSE_MS = 150;
const FULL_DEVICE = '/dev/full';

const statOf = (file: string) => fs.lstat(file).catch(() => undefined);
const leadsToFullDevice = async (file: string) => (await fs.readlink(file).catch(() => '')) === FULL_DEVICE;

const table: DeviationTable = {
  'runtime-failure-takes-away': [
    'Removes the existing file at the location if a checkpoint fails',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          const { location } = call.request;
          if (path.isAbsolute(location) && (await statOf(location))?.isFile()) await fs.rm(location);
          throw error;
        }
      }),
    }),
  ],
  'runtime-success-on-a-full-disk': [
    'Reports success although nothing could be written',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) =>
        (await leadsToFullDevice(call.request.location)) ? {} : next(call),
      ),
    }),
  ],
  'runtime-frozen-on-a-full-disk': [
    'Leaves a container frozen if its archive could not be written',
    (runtime) => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        if (!(await leadsToFullDevice(call.request.location))) return next(call);
        freezeIfRunning(runtime(), call.request.container_id);
        throw new StatusError(status.UNKNOWN, `write ${call.request.location}: no space left on device`);
      }),
    }),
  ],
  'runtime-looks-at-the-location-last': [
    'Checks the location only after it has paused the container',
    (runtime) => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          if (!(error instanceof LocationError)) throw error;
          freezeIfRunning(runtime(), call.request.container_id);
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          runtime().thaw(call.request.container_id);
          throw error;
        }
      }),
    }),
  ],
  'runtime-refuses-linked-folders': [
    'Refuses a location in a directory that is reached through a symbolic link',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        const directory = path.dirname(call.request.location);
        if ((await statOf(directory))?.isSymbolicLink())
          throw new StatusError(status.UNKNOWN, `${directory} is a link`);
        return next(call);
      }),
    }),
  ],
};

export const locationMutants = deviations('mutant', table);
