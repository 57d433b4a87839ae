// CheckpointContainer: preconditions, the short time in which the container stands still, the archive.

import type { ArchiveEntry, ArchiveJob, ArchiveWrapper } from '../../archive/job';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { checkLocation } from '../../archive/writing/location';
import { chain } from '../../base/chain';
import type { Clock } from '../../base/clock';
import type { CriCall } from '../../base/cri-call';
import { LinkedAbort } from '../../base/linked-abort';
import { LoopTurns, pause, Turns } from '../../base/waiting';
import { nanoseconds } from '../../go/time';
import type { Lifecycle } from '../state/lifecycle';
import { RuntimeError } from '../state/runtime-error';
import type { RuntimeSettings } from '../state/settings';
import { CONTAINER_STATES, isAlive } from '../state/state';
import type { Container, Store } from '../state/store';
import { takeSnapshot } from './take-snapshot';

/** What makes an archive of a snapshot and brings it to disk. */
export interface ArchiveWriter {
  entries(snapshot: ContainerSnapshot): readonly ArchiveEntry[];
  /** Leaves nothing behind where it fails or its signal is aborted. */
  write(job: ArchiveJob): Promise<void>;
}

const MIB = 1024 * 1024;

/** How long a checkpoint takes; may be changed at any time, and holds for those that begin afterwards. */
export interface CheckpointPace {
  /** A container with less memory than a MiB counts as having one. */
  millisecondsPerMiB: number;
}

export interface CheckpointParts {
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly settings: RuntimeSettings;
  readonly pace: CheckpointPace;
  readonly writer: ArchiveWriter;
  readonly wrappers: readonly ArchiveWrapper[];
}

export class Checkpointer {
  readonly #parts: CheckpointParts;
  readonly #turns = new Turns();
  readonly #loopTurns = new LoopTurns();
  readonly #write: (job: ArchiveJob) => Promise<void>;
  #count = 0;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
    this.#write = chain<ArchiveJob, void>(parts.wrappers, (job) => parts.writer.write(job));
  }

  /**
   * Writes an archive of a running container, which runs on whatever happens. Checkpoints of one container take
   * turns. The request's `timeout` (seconds, 0 for none) bounds the call as the caller's deadline does.
   */
  async checkpoint({ request, signal }: CriCall<'CheckpointContainer'>): Promise<object> {
    const container = this.#parts.store.container(request.container_id);
    mustRun(container);
    if (request.timeout.startsWith('-')) {
      throw new RuntimeError('invalid', `timeout must not be negative, but is ${request.timeout} s`);
    }
    checkLocation(request.location);
    const limit = this.#limit(container, request.timeout, signal);
    try {
      const end = await this.#turns.take(container.id, limit.signal);
      try {
        // Of requests that come together the first is answered before the last is begun: its caller need not wait idly.
        await this.#loopTurns.take();
        await this.#write(await this.#capture(container, request.location, limit.signal));
      } finally {
        end();
      }
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : error;
    } finally {
      limit.end();
    }
    return {};
  }

  /** The caller's signal, and the request's own timeout where it has one. */
  #limit(container: Container, seconds: string, caller: AbortSignal) {
    if (seconds === '0') return { signal: caller, end: () => {} };
    const own = new LinkedAbort(caller);
    const late = `checkpointing container "${container.id}" took longer than the timeout of ${seconds} s`;
    const disarm = this.#parts.clock.after(Number(seconds) * 1000, () =>
      own.abort(new RuntimeError('deadline-passed', late)),
    );
    const end = () => {
      disarm();
      own[Symbol.dispose]();
    };
    return { signal: own.signal, end };
  }

  /** Stops the container while it is taken down; it runs on before the archive is written. */
  async #capture(container: Container, location: string, caller: AbortSignal): Promise<ArchiveJob> {
    const { lifecycle, settings, pace, clock, writer } = this.#parts;
    mustRun(container);
    this.#count += 1;
    const holder = `checkpoint ${this.#count}`;
    lifecycle.freeze(container, holder);
    try {
      const snapshot = takeSnapshot(container, settings, nanoseconds(clock.now()));
      const entries = writer.entries(snapshot);
      const ms = Math.max(1, memoryMib(snapshot)) * pace.millisecondsPerMiB;
      if (ms > 0) await this.#standStill(container, ms, caller);
      caller.throwIfAborted();
      return { snapshot, entries, location, signal: caller };
    } finally {
      lifecycle.thaw(container, holder);
    }
  }

  /** Lets so many milliseconds pass, unless the caller leaves or the container ends. */
  async #standStill(container: Container, ms: number, caller: AbortSignal): Promise<void> {
    using ended = new LinkedAbort(caller);
    const onEnd = () =>
      ended.abort(new RuntimeError('wrong-state', `container "${container.id}" ended while it was checkpointed`));
    container.onEnd.add(onEnd);
    try {
      await pause(this.#parts.clock, ms, ended.signal);
    } finally {
      container.onEnd.delete(onEnd);
    }
  }
}

const memoryMib = ({ processes }: ContainerSnapshot) =>
  processes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / MIB;

function mustRun(container: Container): void {
  if (isAlive(container.phase)) return;
  throw new RuntimeError(
    'wrong-state',
    `container "${container.id}" is in ${CONTAINER_STATES[container.phase]} state. ` +
      'only CONTAINER_RUNNING containers can be checkpointed',
  );
}
