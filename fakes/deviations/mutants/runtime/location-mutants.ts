// Runtimes that mistreat the place of an archive, and what is there already.
import fs from 'node:fs/promises';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import type { ArchiveWrapper } from '../../../archive/job';
import { followLinks, LocationError } from '../../../archive/writing/location';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { freezeIfRunning, ownCheckpoints } from './own-checkpoints';

/** How long a container stands still for nothing (ms). */
const STANDSTILL_MS = 150;
const FULL_DEVICE = '/dev/full';

const archive = (wrapper: ArchiveWrapper): Effects => ({ archive: wrapper });
const there = (file: string) => fs.lstat(file).catch(() => undefined);
const leadsToFullDevice = async (file: string) => (await fs.readlink(file).catch(() => '')) === FULL_DEVICE;

const table: DeviationTable = {
  'archive-written-in-place': [
    'writes over the contents of a file that is there, closing it to others only then',
    () =>
      archive(async (job, next) => {
        if (!(await there(job.location))?.isFile()) return next(job);
        const own = `${job.location}.own`;
        await next({ ...job, location: own });
        const content = await fs.readFile(own);
        await fs.rm(own);
        await fs.writeFile(job.location, content);
        await fs.chmod(job.location, 0o600);
      }),
  ],
  'archive-owner-kept': [
    'gives the archive to the owner of a file that was there',
    () =>
      archive(async (job, next) => {
        const before = await there(job.location);
        await next(job);
        if (before?.isFile()) await fs.chown(job.location, before.uid, before.gid);
      }),
  ],
  'archive-dangling-link-followed': [
    'makes a file where a link points that points to nothing',
    () =>
      archive(async (job, next) => {
        const target = followLinks(job.location);
        const isDangling = target !== job.location && !(await there(target));
        await next(isDangling ? { ...job, location: target } : job);
      }),
  ],
  'archive-draft-left-behind': [
    'leaves what it worked on beside the archive',
    () =>
      archive(async (job, next) => {
        await next(job);
        await fs.writeFile(`${job.location}.draft`, '', { mode: 0o600 });
      }),
  ],
  'runtime-failure-takes-away': [
    'takes away what is at the location of a checkpoint that failed',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          const { location } = call.request;
          if (path.isAbsolute(location) && (await there(location))?.isFile()) await fs.rm(location);
          throw error;
        }
      }),
    }),
  ],
  'runtime-success-on-a-full-disk': [
    'does not notice that nothing could be written',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) =>
        (await leadsToFullDevice(call.request.location)) ? {} : next(call),
      ),
    }),
  ],
  'runtime-frozen-on-a-full-disk': [
    'leaves a container frozen whose archive could not be written',
    (runtime) => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        if (!(await leadsToFullDevice(call.request.location))) return next(call);
        freezeIfRunning(runtime(), call.request.container_id);
        throw new StatusError(status.UNKNOWN, `write ${call.request.location}: no space left on device`);
      }),
    }),
  ],
  'runtime-looks-at-the-location-last': [
    'finds only after the container stood still that the location does not do',
    (runtime) => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          if (!(error instanceof LocationError)) throw error;
          freezeIfRunning(runtime(), call.request.container_id);
          await new Promise((resolve) => setTimeout(resolve, STANDSTILL_MS));
          runtime().thaw(call.request.container_id);
          throw error;
        }
      }),
    }),
  ],
  'runtime-refuses-linked-folders': [
    'refuses a location in a folder that a link leads to',
    () => ({
      runtimeCri: ownCheckpoints(async (call, next) => {
        const directory = path.dirname(call.request.location);
        if ((await there(directory))?.isSymbolicLink()) throw new StatusError(status.UNKNOWN, `${directory} is a link`);
        return next(call);
      }),
    }),
  ],
};

export const locationMutants = deviations('mutant', table);
