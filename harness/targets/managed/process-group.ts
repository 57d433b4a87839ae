// Starts processes as leaders of process groups, so that child processes are always stopped too, even when the run is
// interrupted.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { Watchdog } from './watchdog';

/** Maximum number of lines of standard error that are kept, and of characters of each line. */
const LINES_KEPT = 12;
const MAX_LINE = 400;
/** Default time between SIGTERM and SIGKILL, milliseconds. */
const GRACE_MS = 10_000;
/** Time for child processes to end after the leader, milliseconds. */
const FOLLOWING_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** Running process groups. They are killed when this process exits. */
const living = new Set<ProcessGroup>();
/** Kills the groups if this process is killed before it has stopped them. */
const watchdog = new Watchdog();

function killAll(): void {
  for (const group of living) group.signal('SIGKILL');
}

export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [''];
  #end: string | undefined;
  readonly #ended: Promise<unknown>;

  /** Starts an existing program. Its standard output is ignored. */
  constructor(command: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { detached: true, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    if (this.#child.pid !== undefined) watchdog.watch(this.#child.pid);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.#ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#end ??= how;
        resolve(undefined);
      };
      this.#child.once('error', (error: NodeJS.ErrnoException) => end(`could not be started (${error.code})`));
      this.#child.once('close', (code, signal) =>
        end(signal ? `was ended by ${signal}` : `ended with exit status ${code}`),
      );
    });
    if (living.size === 0) process.once('exit', killAll);
    living.add(this);
  }

  /** How the process ended, such as `was ended by SIGKILL`; undefined while the process runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** The last lines on standard error, without empty ones. */
  get lastLines(): readonly string[] {
    return this.#lines.filter((line) => line.trim() !== '');
  }

  /** Sends a signal to the group. Returns whether any process of the group still existed. */
  signal(name: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, name);
    } catch {
      return false;
    }
  }

  /**
   * Stops the process and all processes that it started.
   *
   * @param graceMs time between SIGTERM and SIGKILL, milliseconds
   */
  async stop(graceMs = GRACE_MS): Promise<void> {
    this.signal('SIGTERM');
    await Promise.race([this.#ended, setTimeout(graceMs, undefined, { ref: false })]);
    for (const end = performance.now() + FOLLOWING_MS; this.signal(0) && this.#end && performance.now() < end; )
      await setTimeout(LOOK_AGAIN_MS);
    this.signal('SIGKILL');
    await this.#ended;
    if (this.#child.pid !== undefined) await watchdog.forget(this.#child.pid);
    living.delete(this);
    if (living.size === 0) process.off('exit', killAll);
  }

  #hear(text: string): void {
    const [first = '', ...more] = text.split('\n');
    const open = this.#lines.length - 1;
    this.#lines[open] = `${this.#lines[open]}${first}`.slice(0, MAX_LINE);
    for (const line of more) this.#lines.push(line.slice(0, MAX_LINE));
    this.#lines.splice(0, this.#lines.length - LINES_KEPT - 1);
  }
}
