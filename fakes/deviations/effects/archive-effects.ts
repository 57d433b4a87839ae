// What can go wrong with an archive on its way to disk.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import type { ArchiveJob } from '../../archive/job';
import { LocationError } from '../../archive/writing/location';
import type { Clock } from '../../base/clock';
import { pause } from '../../base/waiting';
import { StatusError } from '../../runtime/grpc/errors';

type Write = (job: ArchiveJob) => Promise<void>;

/** A slow write takes two seconds. */
const SLOW_PARTS = 10;
const SLOW_PAUSE_MS = 200;

/** Bytes of a block of a tar. */
const BLOCK = 512;

const halve = async (file: string) => fs.truncate(file, Math.floor((await fs.stat(file)).size / 2));

/** Turns over the bits of the first header and of a block in the middle. */
async function scramble(file: string): Promise<void> {
  const handle = await fs.open(file, 'r+');
  try {
    const { size } = await handle.stat();
    for (const at of [0, Math.floor(size / 2 / BLOCK) * BLOCK]) {
      const block = Buffer.alloc(BLOCK);
      await handle.read(block, 0, BLOCK, at);
      await handle.write(
        block.map((byte) => ~byte & 0xff),
        0,
        BLOCK,
        at,
      );
    }
  } finally {
    await handle.close();
  }
}

/** Writes into the place itself, part after part, so that a reader meets an archive that is not whole yet. */
async function trickle(job: ArchiveJob, write: Write, clock: Clock): Promise<void> {
  const { location, signal } = job;
  const whole = path.join(path.dirname(location), `.ckptest-slow-${randomBytes(6).toString('hex')}`);
  try {
    await write({ ...job, location: whole });
    const content = await fs.readFile(whole);
    await fs.rm(location, { force: true });
    await fs.writeFile(location, '', { mode: 0o600, flag: 'wx' });
    const part = Math.ceil(content.length / SLOW_PARTS);
    for (let at = 0; at < content.length; at += part) {
      await fs.appendFile(location, content.subarray(at, at + part));
      await pause(clock, SLOW_PAUSE_MS, signal);
    }
  } catch (error) {
    await fs.rm(location, { force: true });
    throw error;
  } finally {
    await fs.rm(whole, { force: true });
  }
}

/** Something done to the archive once it is there. */
const afterwards =
  (change: (location: string) => Promise<unknown>) =>
  async (job: ArchiveJob, write: Write): Promise<void> => {
    await write(job);
    await change(job.location);
  };

type ArchiveEffect = (job: ArchiveJob, write: Write, clock: Clock) => Promise<void>;

const ARCHIVE_EFFECTS = {
  missing: async () => {},
  empty: afterwards((location) => fs.truncate(location, 0)),
  truncated: afterwards(halve),
  corrupt: afterwards(scramble),
  'wrong-mode': afterwards((location) => fs.chmod(location, 0o644)),
  'wrong-place': (job, write) => {
    const { dir, base } = path.parse(job.location);
    return write({ ...job, location: path.join(dir, `misplaced-${base}`) });
  },
  'left-over': async (job, write) => {
    await write(job);
    await halve(job.location);
    throw new StatusError(status.INTERNAL, `write ${job.location}: input/output error`);
  },
  'slow-write': trickle,
  'no-space': async ({ location }) => {
    throw new LocationError('no-space', location, `write ${location}: no space left on device`);
  },
  // The container is frozen when the call ends, which is not the archive's business.
  'frozen-container': (job, write) => write(job),
} satisfies Readonly<Record<string, ArchiveEffect>>;

export type ArchiveEffectName = keyof typeof ARCHIVE_EFFECTS;

/** The name of every effect. */
export const ARCHIVE_EFFECT_NAMES = Object.keys(ARCHIVE_EFFECTS);

/** Writes an archive with an effect. */
export const writeWithEffect = (name: ArchiveEffectName, job: ArchiveJob, write: Write, clock: Clock): Promise<void> =>
  ARCHIVE_EFFECTS[name](job, write, clock);
