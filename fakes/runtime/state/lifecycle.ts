// Starts, freezes, signals and ends containers: everything that happens in addition to the change of a phase.

import type { Clock } from '../../base/clock';
import { errorText } from '../../base/error-text';
import { nanoseconds } from '../../go/time';
import { type Program, scriptOf, Workload } from '../process/simulation';
import { chosenWorkload } from './chosen-workload';
import { LogFile } from './log-file';
import { RuntimeError } from './runtime-error';
import { isLivePhase } from './state';
import type { Container, Store } from './store';

const SIGKILL = 9;
const SIGTERM = 15;

/** Numbers of the stop signals that images and pods can choose. Any other name means TERM. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGNAL_SIGHUP: 1,
  SIGNAL_SIGINT: 2,
  SIGNAL_SIGQUIT: 3,
  SIGNAL_SIGABRT: 6,
  SIGNAL_SIGKILL: SIGKILL,
  SIGNAL_SIGUSR1: 10,
  SIGNAL_SIGUSR2: 12,
  SIGNAL_SIGTERM: SIGTERM,
};

/**
 * Returns whether the first process is the init of its own PID namespace. The kernel ignores signals, except KILL, to
 * an init that has no handler for them (pid_namespaces(7)). Kubelets request such a namespace. The default of the API
 * is the PID namespace of the pod.
 */
const isInit = ({ config }: Container) => config.linux?.security_context?.namespace_options?.pid === 'CONTAINER';

/** Returns the exit code of a process that a signal ended: 128 plus the number of the signal. */
const killedBy = (signal: number) => 128 + signal;

/**
 * Returns the command line of a container: the command line in its checkpoint if it was restored, else in its
 * configuration, else in the image.
 */
export function commandLine({
  config,
  image,
  restored,
}: Pick<Container, 'config' | 'image' | 'restored'>): readonly string[] {
  if (restored) return restored.command;
  if (config.command.length > 0) return [...config.command, ...config.args];
  return [...image.entrypoint, ...(config.args.length > 0 ? config.args : image.command)];
}

/**
 * Returns the program of a container. The workload that the container's annotations choose runs before its command or
 * replaces its command.
 */
function programOf(container: Pick<Container, 'config' | 'image' | 'restored' | 'sandbox'>): Program {
  const { before, instead } = chosenWorkload(container.config, container.sandbox.config);
  const own = instead === undefined ? commandLine(container) : ['sh', '-c', instead];
  return { ...(before !== undefined && { first: ['sh', '-c', before] }), own };
}

/**
 * Requires that a new container has something to run.
 * @throws RuntimeError if neither its configuration nor its image has a command
 */
export function requireCommand(container: Pick<Container, 'config' | 'image' | 'restored' | 'sandbox'>): void {
  if (programOf(container).own.length > 0) return;
  throw new RuntimeError(
    'invalid',
    `no command specified: neither the container config nor image "${container.image.repoTags[0] ?? container.image.id}" has one`,
  );
}

function mustBeReady({ id, sandbox }: Container): void {
  if (sandbox.phase === 'ready') return;
  throw new RuntimeError(
    'wrong-state',
    `failed to set starting state for container "${id}": sandbox container "${sandbox.id}" is not running`,
  );
}

const workloadsOf = ({ workload, execs }: Container) => (workload ? [workload, ...execs] : execs);

/** The holder of freezes that the control interface starts and ends. */
export const CONTROL_HOLDER = 'control';

/** Starts, freezes, signals and ends containers. */
export class Lifecycle {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #warn: (sentence: string) => void;

  /** @param warn called with a sentence about each container whose command cannot be simulated */
  constructor(store: Store, clock: Clock, warn: (sentence: string) => void = () => {}) {
    this.#store = store;
    this.#clock = clock;
    this.#warn = warn;
  }

  /**
   * Starts a created container.
   * @throws RuntimeError if the container is not created, its sandbox is not ready, or its log file cannot be created
   */
  async start(container: Container): Promise<void> {
    const { id, phase, logPath } = container;
    mustBeReady(container);
    if (phase !== 'created' || logPath === '') return this.#begin(container);
    const log = new LogFile(logPath, this.#clock);
    try {
      await log.create();
    } catch (error) {
      throw new RuntimeError('internal', `failed to create the log file of container "${id}": ${errorText(error)}`);
    }
    try {
      // The state may have changed during the wait.
      mustBeReady(container);
      this.#begin(container, log);
    } catch (error) {
      log.close();
      throw error;
    }
  }

  #begin(container: Container, log?: LogFile): void {
    this.#store.moveContainer(container, 'start', { startedAt: nanoseconds(this.#clock.now()) });
    if (log) container.log = log;
    const { machine, restored } = container;
    const first = restored?.first;
    const program = first?.state.program ?? (restored ? { own: commandLine(container) } : programOf(container));
    container.workload = new Workload(
      scriptOf(program),
      this.#clock,
      {
        write: (stream, text) => container.log?.append(stream, text),
        exit: (code) => this.exit(container, code),
        begun: () => log?.closeUnlessWritten(),
        notSimulated: (reason) => this.#notSimulated(container, reason),
      },
      { machine, program, argv: first?.state.argv ?? commandLine(container), ...(first && { pid: first.pid }) },
    );
    if (first && restored) container.workload.resume(first.state, restored.childrenOf);
    else container.workload.start();
  }

  #notSimulated(container: Container, reason: string): void {
    // Report only the first child: a script can start the same child in every iteration of a loop.
    if (container.notSimulated !== undefined) return;
    container.notSimulated = reason;
    const { namespace, name } = container.sandbox.config.metadata ?? {};
    const full = [namespace, name, container.config.metadata?.name].join('/');
    this.#warn(`container ${full} stays idle, because its command cannot be simulated: ${reason}`);
  }

  /** Ends a created container that cannot be started, as containerd does. */
  failStart(container: Container, message: string): void {
    const finishedAt = nanoseconds(this.#clock.now());
    this.#store.moveContainer(container, 'fail', { finishedAt, exitCode: 128, reason: 'StartError', message });
  }

  /** Freezes a container on behalf of `holder`. It stays frozen until every holder has called `thaw`. */
  freeze(container: Container, holder: string): void {
    if (container.phase !== 'frozen') this.#store.moveContainer(container, 'freeze');
    container.frozenBy.add(holder);
    for (const workload of workloadsOf(container)) workload.freeze();
  }

  /** Ends a freeze on behalf of `holder`. Does nothing if this holder has not frozen the container. */
  thaw(container: Container, holder: string): void {
    if (!container.frozenBy.delete(holder) || container.frozenBy.size > 0) return;
    this.#store.moveContainer(container, 'thaw');
    for (const workload of workloadsOf(container)) workload.thaw();
    const { pendingSignal } = container;
    delete container.pendingSignal;
    if (pendingSignal !== undefined) this.#signal(container, pendingSignal);
  }

  /**
   * Closes the log and continues to write to the file that now has the log's path.
   * @throws RuntimeError if the file cannot be created
   */
  reopenLog({ id, log }: Container): void {
    try {
      log?.reopen();
    } catch (error) {
      throw new RuntimeError('internal', `failed to reopen the log file of container "${id}": ${errorText(error)}`);
    }
  }

  /** Ends a running container. */
  exit(container: Container, code: number, reason = code === 0 ? 'Completed' : 'Error'): void {
    const finishedAt = nanoseconds(this.#clock.now());
    container.workload?.stop();
    container.log?.close();
    this.#store.moveContainer(container, 'exit', { finishedAt, exitCode: code, reason });
    container.frozenBy.clear();
    delete container.pendingSignal;
    for (const action of container.onEnd) action();
    container.onEnd.clear();
  }

  /** Kills the container at once if it is running. */
  kill(container: Container): void {
    if (isLivePhase(container.phase)) this.exit(container, killedBy(SIGKILL));
  }

  /**
   * Sends the stop signal and kills the container after the grace period. Does nothing unless the container is running.
   * @param graceMs grace period, milliseconds
   * @param signal aborts the wait. The container has then received the stop signal, but it is not killed
   * @returns a promise that resolves when the container has ended
   */
  async stop(container: Container, graceMs: number, signal: AbortSignal): Promise<void> {
    if (!isLivePhase(container.phase)) return;
    if (graceMs > 0) {
      this.#signal(container, SIGNAL_NUMBERS[container.config.stop_signal] ?? SIGTERM);
      await this.#ended(container, graceMs, signal);
    }
    this.kill(container);
  }

  /** Removes a container, and ends it first if it is running. */
  remove(container: Container): void {
    this.kill(container);
    this.#store.moveContainer(container, 'remove');
  }

  /** Ends all workloads and closes all logs, so that no timer and no open file remains. */
  close(): void {
    for (const container of this.#store.containers.values()) {
      for (const workload of workloadsOf(container)) workload.stop();
      container.log?.close();
    }
  }

  #signal(container: Container, signal: number): void {
    if (container.phase === 'frozen' && signal !== SIGKILL) {
      container.pendingSignal = signal;
      return;
    }
    const reaction = signal === SIGTERM ? (container.workload?.reaction ?? 'die') : 'die';
    if (reaction === 'ignore' || (reaction === 'die' && signal !== SIGKILL && isInit(container))) return;
    this.exit(container, reaction === 'die' ? killedBy(signal) : reaction.exit);
  }

  /** Resolves when the container has ended or `ms` have passed. Rejects with the signal's reason on abort. */
  #ended(container: Container, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => () => {
        cancel();
        container.onEnd.delete(done);
        signal.removeEventListener('abort', aborted);
        act();
      };
      const done = settle(resolve);
      const aborted = settle(() => reject(signal.reason));
      const cancel = this.#clock.after(ms, done);
      container.onEnd.add(done);
      signal.addEventListener('abort', aborted);
      if (signal.aborted) aborted();
      else if (!isLivePhase(container.phase)) done();
    });
  }
}
