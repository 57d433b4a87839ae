// Causes defects while an archive is written. Mutants use this table, and faults use it through the package `node`.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import type { ArchiveJob, ArchiveWrapper } from '../../archive/job';
import { BLOCK_BYTES } from '../../archive/tar/tar-header';
import { followLinks, LocationError } from '../../archive/writing/location';
import { type Clock, systemClock } from '../../base/clock';
import { pause } from '../../base/waiting';
import { StatusError } from '../../runtime/grpc/errors';

type ArchiveEffect = (clock: Clock) => ArchiveWrapper;

/** Number of parts of a slow write. With the pause after each part, the write takes two seconds. */
const SLOW_PARTS = 10;
const SLOW_PAUSE_MS = 200;
/** Lifetime of the temporary file that every user can read, milliseconds. */
const DRAFT_MS = 100;

const PRIVATE = 0o600;
const PUBLIC = 0o644;
const PERMISSIONS = 0o777;

const existing = (file: string) => fs.lstat(file).catch(() => undefined);
const inSameDirectory = (location: string, name: string) => path.join(path.dirname(location), name);
const halve = async (file: string) => fs.truncate(file, Math.floor((await fs.stat(file)).size / 2));

/** Inverts the bits of a file's first header and of a block in its middle. */
async function scramble(file: string): Promise<void> {
  await using handle = await fs.open(file, 'r+');
  const { size } = await handle.stat();
  for (const at of [0, Math.floor(size / 2 / BLOCK_BYTES) * BLOCK_BYTES]) {
    const block = Buffer.alloc(BLOCK_BYTES);
    await handle.read(block, 0, BLOCK_BYTES, at);
    const inverted = block.map((byte) => ~byte & 0xff);
    await handle.write(inverted, 0, BLOCK_BYTES, at);
  }
}

/** Makes an effect that changes the archive after it was written completely. */
const afterwards =
  (change: (location: string) => Promise<unknown>): ArchiveEffect =>
  () =>
  async (job, next) => {
    await next(job);
    await change(job.location);
  };

/** Makes an effect that changes the written archive, but only if a file already existed at its location. */
const overExisting =
  (change: (location: string, before: Awaited<ReturnType<typeof fs.stat>>) => Promise<unknown>): ArchiveEffect =>
  () =>
  async (job, next) => {
    const before = await existing(job.location);
    await next(job);
    if (before?.isFile()) await change(job.location, before);
  };

const elsewhere =
  (place: (location: string) => string | Promise<string>): ArchiveEffect =>
  () =>
  async (job, next) =>
    next({ ...job, location: await place(job.location) });

/** Writes the file in parts under its final name, so that a reader finds an incomplete archive. */
async function trickle(job: ArchiveJob, write: (job: ArchiveJob) => Promise<void>, clock: Clock): Promise<void> {
  const { location, signal } = job;
  const complete = inSameDirectory(location, `.ckptest-slow-${randomBytes(6).toString('hex')}`);
  try {
    await write({ ...job, location: complete });
    const content = await fs.readFile(complete);
    await fs.rm(location, { force: true });
    await fs.writeFile(location, '', { mode: PRIVATE, flag: 'wx' });
    const part = Math.ceil(content.length / SLOW_PARTS);
    for (let at = 0; at < content.length; at += part) {
      await fs.appendFile(location, content.subarray(at, at + part));
      await pause(clock, SLOW_PAUSE_MS, signal);
    }
  } catch (error) {
    await fs.rm(location, { force: true });
    throw error;
  } finally {
    await fs.rm(complete, { force: true });
  }
}

const ARCHIVE_EFFECTS = {
  intact: () => (job, next) => next(job),

  // These effects concern the content of the file.
  missing: () => async () => {},
  empty: afterwards((location) => fs.truncate(location, 0)),
  truncated: afterwards(halve),
  corrupt: afterwards(scramble),
  gzipped: afterwards(async (location) => fs.writeFile(location, gzipSync(await fs.readFile(location)))),

  // These effects concern the location of the file and its permissions.
  'wrong-mode': afterwards((location) => fs.chmod(location, PUBLIC)),
  'wrong-place': elsewhere((location) => inSameDirectory(location, `misplaced-${path.basename(location)}`)),
  'public-draft': () => async (job, next) => {
    const draft = inSameDirectory(job.location, `draft-${randomBytes(4).toString('hex')}.tar`);
    await fs.writeFile(draft, '');
    await fs.chmod(draft, PUBLIC);
    await new Promise((resolve) => setTimeout(resolve, DRAFT_MS));
    await fs.rm(draft);
    await next(job);
  },
  'draft-left-behind': afterwards((location) => fs.writeFile(`${location}.draft`, '', { mode: PRIVATE })),

  // These effects concern an existing file or link at the location.
  'mode-kept': overExisting((location, { mode }) => fs.chmod(location, Number(mode) & PERMISSIONS)),
  'owner-kept': overExisting((location, { uid, gid }) => fs.chown(location, Number(uid), Number(gid))),
  'tail-kept': overExisting(async (location, before) => {
    const { size } = await fs.stat(location);
    if (before.size > size) await fs.appendFile(location, 'old tail');
  }),
  'link-followed': elsewhere((location) => fs.realpath(location).catch(() => location)),
  'dangling-link-followed': elsewhere(async (location) => {
    const target = followLinks(location);
    return (await existing(target)) ? location : target;
  }),
  'written-in-place': () => async (job, next) => {
    if (!(await existing(job.location))?.isFile()) return next(job);
    const own = `${job.location}.own`;
    await next({ ...job, location: own });
    const content = await fs.readFile(own);
    await fs.rm(own);
    await fs.writeFile(job.location, content);
    await fs.chmod(job.location, PRIVATE);
  },

  // These effects simulate a disk that fails or is slow.
  'left-over': () => async (job, next) => {
    await next(job);
    await halve(job.location);
    throw new StatusError(status.INTERNAL, `write ${job.location}: input/output error`);
  },
  'no-space':
    () =>
    async ({ location }) => {
      throw new LocationError('no-space', location, `write ${location}: no space left on device`);
    },
  'slow-write': (clock) => (job, next) => trickle(job, next, clock),
} satisfies Readonly<Record<string, ArchiveEffect>>;

export type ArchiveEffectName = keyof typeof ARCHIVE_EFFECTS;

/**
 * Returns an interceptor of archive writes that causes the effect.
 * @param clock the clock for the pauses between the parts of a slow write
 */
export const archiveEffect = (name: ArchiveEffectName, clock: Clock = systemClock): ArchiveWrapper =>
  ARCHIVE_EFFECTS[name](clock);
