// Implements CheckpointContainer: checks the request, and then pauses, captures and resumes the containers and writes
// their archives.

import type { ArchiveEntry, ArchiveJob, ArchiveWrapper } from '../../archive/job';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { checkLocation } from '../../archive/writing/location';
import { chain } from '../../base/chain';
import type { Clock } from '../../base/clock';
import type { CriCall } from '../../base/cri-call';
import { LinkedAbort } from '../../base/linked-abort';
import { LoopTurns, pause } from '../../base/waiting';
import { nanoseconds } from '../../go/time';
import { CONTROL_HOLDER, type Lifecycle } from '../state/lifecycle';
import { RuntimeError } from '../state/runtime-error';
import type { RuntimeSettings } from '../state/settings';
import { CONTAINER_STATES, isLivePhase } from '../state/state';
import type { Container, Store } from '../state/store';
import type { CheckpointPolicy } from './checkpoint-policy';
import { ConcurrentCalls } from './concurrent-calls';
import { takeSnapshot } from './take-snapshot';

/** Makes the entries of an archive from a snapshot, and writes them to disk. */
export interface ArchiveWriter {
  /** Returns the entries of the archive. This call copies the container's log. */
  entries(snapshot: ContainerSnapshot): readonly ArchiveEntry[];
  /** Writes the archive. The job's policy decides what is left if this fails or the job's signal is aborted. */
  write(job: ArchiveJob): Promise<void>;
}

const MIB = 1024 * 1024;

/** How long a checkpoint pauses a container. A change applies to checkpoints that start later. */
export interface CheckpointPace {
  /**
   * Duration of the pause for each MiB of the container's memory, milliseconds. A container with less than 1 MiB counts
   * as 1 MiB.
   */
  millisecondsPerMiB: number;
}

/** A container and the path of its archive. */
export interface CheckpointTarget {
  readonly container: Container;
  readonly location: string;
}

/** What was captured of a container while it was paused. */
interface Capture extends CheckpointTarget {
  readonly snapshot: ContainerSnapshot;
  /** The entries of the archive; undefined if the log is copied later. */
  readonly entries: readonly ArchiveEntry[] | undefined;
}

export interface CheckpointParts {
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly settings: RuntimeSettings;
  readonly pace: CheckpointPace;
  readonly policy: CheckpointPolicy;
  readonly writer: ArchiveWriter;
  readonly wrappers: readonly ArchiveWrapper[];
}

const NEVER = new AbortController().signal;

/** Checkpoints containers according to the runtime's policy. */
export class Checkpointer {
  readonly #parts: CheckpointParts;
  readonly #concurrent: ConcurrentCalls;
  readonly #loopTurns = new LoopTurns();
  readonly #write: (job: ArchiveJob) => Promise<void>;
  #count = 0;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
    this.#concurrent = new ConcurrentCalls(parts.policy, parts.clock);
    this.#write = chain<ArchiveJob, void>(parts.wrappers, (job) => parts.writer.write(job));
  }

  /**
   * Handles CheckpointContainer as the policy decides. With the reference policy it writes an archive of a running
   * container and always resumes the container. Checkpoints of one container run one after the other. The request's
   * `timeout` (seconds, 0 for none) limits the call in the same way as the client's deadline.
   * @returns the empty response
   * @throws RuntimeError if the request is refused; the signal's reason if the call is aborted
   */
  async checkpoint({ request, signal: caller }: CriCall<'CheckpointContainer'>): Promise<object> {
    const { store, policy } = this.#parts;
    const container = store.container(request.container_id);
    mustRun(container);
    const timeout = policy.timeoutField === 'honored' ? request.timeout : '0';
    if (timeout.startsWith('-')) {
      throw new RuntimeError('invalid', `timeout must not be negative, but is ${timeout} s`);
    }
    const { location } = request;
    if (policy.locationCheck === 'first' && !this.#isWithoutArchive(location)) checkLocation(location, policy);
    const limit = this.#limit(container, timeout, policy.onDeadline === 'archive-appears' ? NEVER : caller);
    try {
      const admission = await this.#concurrent.enter(container.id, limit.signal);
      try {
        await this.#prepare(limit.signal);
        const captures = await this.#capture([{ container, location }], limit.signal);
        admission.captured();
        await this.#writeAll(captures, limit.signal);
      } finally {
        admission.end();
      }
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : error;
    } finally {
      limit.end();
    }
    return {};
  }

  /** Returns a signal that combines the client's signal with the request's own timeout, if it has one. */
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

  /** Waits for the policy's delay, or for one turn of the event loop. */
  #prepare(signal: AbortSignal): Promise<void> {
    const { clock, policy } = this.#parts;
    // Wait only one turn of the event loop, so that the first of many concurrent calls can end before the last one
    // starts.
    return policy.prepareMs > 0 ? pause(clock, policy.prepareMs, signal) : this.#loopTurns.take();
  }

  /** Pauses all containers, captures each of them, and resumes all. */
  async #capture(targets: readonly CheckpointTarget[], signal: AbortSignal): Promise<readonly Capture[]> {
    const containers = targets.map(({ container }) => container);
    containers.forEach(mustRun);
    this.#count += 1;
    const holder = `checkpoint ${this.#count}`;
    this.#pause(containers, holder);
    try {
      const captures: Capture[] = [];
      for (const target of targets) captures.push(await this.#captureOne(target, signal));
      signal.throwIfAborted();
      return captures;
    } finally {
      this.#resume(containers, holder, signal);
    }
  }

  #pause(containers: readonly Container[], holder: string): void {
    for (const container of containers) this.#parts.lifecycle.freeze(container, holder);
  }

  async #captureOne(target: CheckpointTarget, signal: AbortSignal): Promise<Capture> {
    const { settings, clock, writer, pace, policy } = this.#parts;
    const snapshot = takeSnapshot(target.container, settings, nanoseconds(clock.now()));
    const entries = policy.log === 'before-resume' ? writer.entries(snapshot) : undefined;
    const ms = policy.dumpMs + Math.max(1, memoryMib(snapshot)) * pace.millisecondsPerMiB;
    if (ms > 0) await this.#stayPaused(target.container, ms, signal);
    return { ...target, snapshot, entries };
  }

  #resume(containers: readonly Container[], holder: string, signal: AbortSignal): void {
    const { lifecycle, policy } = this.#parts;
    for (const container of containers) {
      const staysFrozen = policy.onDeadline === 'stays-frozen' && signal.aborted && isLivePhase(container.phase);
      if (staysFrozen) lifecycle.freeze(container, CONTROL_HOLDER);
      lifecycle.thaw(container, holder);
    }
  }

  async #writeAll(captures: readonly Capture[], signal: AbortSignal): Promise<void> {
    const { policy } = this.#parts;
    for (const { snapshot, entries, location } of captures) {
      if (this.#isWithoutArchive(location)) continue;
      const all = entries ?? (await this.#entriesWithLaterLog(snapshot, signal));
      await this.#write({ snapshot, entries: all, location, signal, policy });
    }
  }

  async #entriesWithLaterLog(snapshot: ContainerSnapshot, signal: AbortSignal): Promise<readonly ArchiveEntry[]> {
    const { clock, policy, writer } = this.#parts;
    if (policy.log !== 'before-resume' && snapshot.logPath !== '') await pause(clock, policy.log.msAfterResume, signal);
    return writer.entries(snapshot);
  }

  #isWithoutArchive(location: string): boolean {
    return location === '' && this.#parts.policy.emptyLocation === 'no-archive';
  }

  /** Waits while the container is paused. Ends early if the call is aborted or the container exits. */
  async #stayPaused(container: Container, ms: number, caller: AbortSignal): Promise<void> {
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
  if (isLivePhase(container.phase)) return;
  throw new RuntimeError(
    'wrong-state',
    `container "${container.id}" is in ${CONTAINER_STATES[container.phase]} state. ` +
      'only CONTAINER_RUNNING containers can be checkpointed',
  );
}
