// Containers in time: start, freeze, signals, exit. What a move does beyond the change of phase.

import type { Clock } from '../../base/clock';
import { errorText } from '../../base/error-text';
import { nanoseconds } from '../../go/time';
import { type Program, scriptOf } from '../process/program';
import { Workload } from '../process/workload';
import { chosenWorkload } from './chosen-workload';
import { LogFile } from './log-file';
import { RuntimeError } from './runtime-error';
import { isLivePhase } from './state';
import type { Container, Store } from './store';

const SIGKILL = 9;
const SIGTERM = 15;

/** Numbers of the signals that images and pods name as their stop signal; any other counts as TERM. */
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
 * Whether its first process is the init of a pid namespace: the kernel spares an init every signal that it has no
 * handler for, but KILL (pid_namespaces(7)). Kubelets ask for such a namespace, the API's default is the pod's.
 */
const isInit = ({ config }: Container) => config.linux?.security_context?.namespace_options?.pid === 'CONTAINER';

/** A container ended by signal n exits with 128 + n. */
const killedBy = (signal: number) => 128 + signal;

/** The command line of a container: that of its past, or of its configuration, or of the image. */
export function commandLine({ config, image, restored }: Container): readonly string[] {
  if (restored) return restored.command;
  if (config.command.length > 0) return [...config.command, ...config.args];
  return [...image.entrypoint, ...(config.args.length > 0 ? config.args : image.command)];
}

/** What it does: its command, or what its annotations choose instead or before. */
function programOf(container: Container): Program {
  const { before, instead } = chosenWorkload(container.config, container.sandbox.config);
  const own = instead === undefined ? commandLine(container) : ['sh', '-c', instead];
  return { ...(before !== undefined && { first: ['sh', '-c', before] }), own };
}

function mustBeReady({ id, sandbox }: Container): void {
  if (sandbox.phase === 'ready') return;
  throw new RuntimeError(
    'wrong-state',
    `failed to set starting state for container "${id}": sandbox container "${sandbox.id}" is not running`,
  );
}

const workloadsOf = ({ workload, execs }: Container) => (workload ? [workload, ...execs] : execs);

/** Holds a container frozen for longer than a call lasts; the control interface lets it continue. */
export const BEYOND_CALLS = 'control';

export class Lifecycle {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Starts a created container of a sandbox that is ready; throws a Refusal in any other phase, or where its log file cannot be made. */
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
      // Much may have happened in the meantime.
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
        begun: () => log?.rest(),
      },
      { machine, program, argv: first?.state.argv ?? commandLine(container), ...(first && { pid: first.pid }) },
    );
    if (first && restored) container.workload.resume(first.state, restored.childrenOf);
    else container.workload.start();
  }

  /** Ends a created container that cannot be started, as containerd does. */
  failStart(container: Container, message: string): void {
    const finishedAt = nanoseconds(this.#clock.now());
    this.#store.moveContainer(container, 'fail', { finishedAt, exitCode: 128, reason: 'StartError', message });
  }

  /** Stops the container's time on behalf of `holder`; what is frozen already stays so until all have let go. */
  freeze(container: Container, holder: string): void {
    if (container.phase !== 'frozen') this.#store.moveContainer(container, 'freeze');
    container.frozenBy.add(holder);
    for (const workload of workloadsOf(container)) workload.freeze();
  }

  /** Takes back a `freeze`; does nothing to a container that `holder` does not keep frozen. */
  thaw(container: Container, holder: string): void {
    if (!container.frozenBy.delete(holder) || container.frozenBy.size > 0) return;
    this.#store.moveContainer(container, 'thaw');
    for (const workload of workloadsOf(container)) workload.thaw();
    const { pendingSignal } = container;
    delete container.pendingSignal;
    if (pendingSignal !== undefined) this.#signal(container, pendingSignal);
  }

  /** Goes on in the file that has the log's name now; throws a Refusal where it cannot be made. */
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

  /** Ends it at once where it runs. */
  kill(container: Container): void {
    if (isLivePhase(container.phase)) this.exit(container, killedBy(SIGKILL));
  }

  /**
   * Asks a container to end and kills it when `graceMs` have passed. Settles when it has ended; an abort leaves it
   * asked, not killed. One that does not run is left as it is.
   */
  async stop(container: Container, graceMs: number, signal: AbortSignal): Promise<void> {
    if (!isLivePhase(container.phase)) return;
    if (graceMs > 0) {
      this.#signal(container, SIGNAL_NUMBERS[container.config.stop_signal] ?? SIGTERM);
      await this.#ended(container, graceMs, signal);
    }
    this.kill(container);
  }

  /** Takes a container away, ended first where it runs. */
  remove(container: Container): void {
    this.kill(container);
    this.#store.moveContainer(container, 'remove');
  }

  /** Lets go of timers and files of all containers; nothing runs afterwards. */
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

  /** Settles when the container has ended or `ms` have passed; rejects with the reason of an abort. */
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
