// What was measured to be wrong in runtimes that are in use, each finding alone; personas are put together from them.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import type { ArchiveJob } from '../../archive/job';
import { namedAs } from '../../archive/writing/location';
import { type CriCall, onMethod } from '../../base/cri-call';
import { pause } from '../../base/waiting';
import type { RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import { clocked } from '../apply';
import { type DeviationTable, deviations, type Effects } from '../deviation';
import { copyTail, followed } from './existing-file';
import { logTakenLate } from './log-ahead';

type Checkpoint = CriCall<'CheckpointContainer'>;
type Next = (call: Checkpoint) => Promise<object>;

/** As measured: a checkpoint takes 81 ms, and one given up after 1 ms has not yet frozen anything. Milliseconds. */
const BEFORE_FREEZE_MS = 5;
const DUMP_MS = 75;

const checkpoint = (wrapper: (call: Checkpoint, next: Next) => Promise<object>): Effects => ({
  runtimeCri: onMethod('CheckpointContainer', wrapper),
});

/** For a location that was put in another's place: errors name the one that was asked for, as those of Go do. */
const asAsked = (location: string) => (error: unknown) => {
  throw namedAs(location, error);
};

/** A pipe that nobody writes to is not waited for. */
const READ_AT_ONCE = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/** The container of a call, where it is one that can be checkpointed. */
function target(runtime: () => RuntimeControl, { request }: Checkpoint) {
  const found = runtime().container(request.container_id);
  return found?.state === 'CONTAINER_RUNNING' ? found : undefined;
}

/** How the name of an archive starts that is never to be written. */
const NEVER = 'ckptest-never-';

/** A place for an archive that will never be written; `instead` does what is to be done at the archive's turn. */
function lateDecision(
  place: (call: Checkpoint) => boolean,
  instead: (job: ArchiveJob, real: string) => ArchiveJob | undefined,
): Effects {
  const real = new Map<string, string>();
  return {
    ...checkpoint(async (call, next) => {
      // What another of these has put off is decided late already.
      if (path.basename(call.request.location).startsWith(NEVER) || !place(call)) return next(call);
      const location = path.join(tmpdir(), `${NEVER}${randomBytes(8).toString('hex')}`);
      real.set(location, call.request.location);
      try {
        return await next({ ...call, request: { ...call.request, location } });
      } finally {
        real.delete(location);
      }
    }),
    archive: async (job, next) => {
      const asked = real.get(job.location);
      const changed = asked === undefined ? job : instead(job, asked);
      if (changed) await next(changed);
    },
  };
}

/**
 * A dump that takes its time; `until` ends it early, and `staysFrozen` says whether its container thaws. It has thawed
 * before the archive is put together, as runtimes have it.
 */
function dumping(
  runtime: () => RuntimeControl,
  until: (call: Checkpoint) => AbortSignal,
  staysFrozen: (call: Checkpoint) => boolean,
): Effects {
  const frozenHere = new Set<string>();
  const thaw = (id: string) => {
    if (frozenHere.delete(id) && runtime().container(id)?.frozen) runtime().thaw(id);
  };
  const calls = clocked((clock) =>
    checkpoint(async (call, next) => {
      const container = target(runtime, call);
      if (!container) return next(call);
      const signal = until(call);
      await pause(clock(), BEFORE_FREEZE_MS, signal);
      const wasFrozen = runtime().container(container.id)?.frozen ?? false;
      if (!target(runtime, call)) return next(call);
      runtime().freeze(container.id);
      if (!wasFrozen) frozenHere.add(container.id);
      try {
        await pause(clock(), DUMP_MS, signal);
        return await next({ ...call, signal });
      } finally {
        if (staysFrozen(call)) frozenHere.delete(container.id);
        else thaw(container.id);
      }
    }),
  );
  return {
    ...calls,
    archive: (job, next) => {
      thaw(job.snapshot.containerId);
      return next(job);
    },
  };
}

/** Only one at a time gets through for one container; the others wait for it and are told `refusal`. */
export function oneAtATime(runtime: () => RuntimeControl, refusal: (id: string) => StatusError): Effects {
  const busy = new Map<string, Promise<unknown>>();
  return checkpoint(async (call, next) => {
    const id = target(runtime, call)?.id;
    if (id === undefined) return next(call);
    const other = busy.get(id);
    if (other) {
      await other.catch(() => undefined);
      throw refusal(id);
    }
    const own = next(call);
    busy.set(id, own);
    try {
      return await own;
    } finally {
      busy.delete(id);
    }
  });
}

const table = {
  'frozen-after-deadline': [
    'a deadline that passes during the dump leaves the container frozen for good',
    (runtime) =>
      dumping(
        runtime,
        ({ signal }) => signal,
        ({ signal }) => signal.aborted,
      ),
  ],
  'archive-after-deadline': [
    'the archive appears though the caller has left',
    (runtime) => {
      const never = new AbortController().signal;
      return dumping(
        runtime,
        () => never,
        () => false,
      );
    },
  ],
  'concurrent-one-container': [
    'of several checkpoints of one container at once only one succeeds',
    (runtime) =>
      oneAtATime(
        runtime,
        (id) =>
          new StatusError(
            status.UNKNOWN,
            `failed to pause container "${id}" before checkpointing: cannot pause a paused container`,
          ),
      ),
  ],
  'log-ahead': ['the log is taken when the container has gone on for a while', logTakenLate],
  'mode-kept': [
    'an existing file keeps its mode, so that others may read the memory',
    () => ({
      archive: async (job, next) => {
        const before = await fs.stat(job.location).catch(() => undefined);
        await next(job);
        if (before?.isFile()) await fs.chmod(job.location, before.mode & 0o777).catch(() => undefined);
      },
    }),
  ],
  'tail-kept': [
    'a longer existing file keeps its tail behind the archive',
    () => ({
      archive: async (job, next) => {
        const before = await fs.open(job.location, READ_AT_ONCE).catch(() => undefined);
        try {
          await next(job);
          if (before) await copyTail(before, job.location);
        } finally {
          await before?.close();
        }
      },
    }),
  ],
  'symlink-followed': [
    'a link at the location is written through',
    () => ({
      archive: async (job, next) => {
        const location = await followed(job.location);
        await next({ ...job, location }).catch(asAsked(job.location));
      },
    }),
  ],
  'relative-location': [
    'a relative location is taken from the working directory',
    () =>
      checkpoint((call, next) => {
        const { location } = call.request;
        if (location === '' || path.isAbsolute(location)) return next(call);
        const absolute = path.join(process.cwd(), location);
        return next({ ...call, request: { ...call.request, location: absolute } }).catch(asAsked(location));
      }),
  ],
  'empty-location': [
    'an empty location is a success without an archive',
    () =>
      lateDecision(
        ({ request }) => request.location === '',
        () => undefined,
      ),
  ],
  'late-check': [
    'a location that does not do is found only after freeze and dump',
    () =>
      lateDecision(
        () => true,
        (job, location) => ({ ...job, location }),
      ),
  ],
  'field-ignored': [
    'the timeout of the request has no effect',
    () => checkpoint((call, next) => next({ ...call, request: { ...call.request, timeout: '0' } })),
  ],
} satisfies DeviationTable;

export type FindingName = keyof typeof table;

export const findings = deviations('finding', table);

/** The bends of some findings, the first one outermost. */
export const effectsOf = (names: readonly FindingName[], runtime: () => RuntimeControl): Effects[] =>
  names.map((name) => table[name][1](runtime));
