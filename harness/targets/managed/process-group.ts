// Processes that the suite starts: each leads a group of its own, so that wrappers end with what they wrapped, on every way out.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { Watchdog } from './watchdog';

/** Lines of its standard error that are kept, and their longest (characters). */
const LINES_KEPT = 12;
const MAX_LINE = 400;
/** Time to end by itself before it is killed, milliseconds. */
const GRACE_MS = 10_000;
/** Time for what it started to follow it, milliseconds. */
const FOLLOWING_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** Groups that are up; a process that leaves in a hurry takes them along. */
const living = new Set<ProcessGroup>();
/** And one that is killed leaves them to this. */
const watchdog = new Watchdog();

function killAll(): void {
  for (const group of living) group.signal('SIGKILL');
}

export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [''];
  #end: string | undefined;
  readonly #ended: Promise<unknown>;

  /** Starts a program that is there; what it says on standard output is not looked at. */
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

  /** How it ended, or undefined while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** The last that it said on standard error, one line each; empty where it said nothing. */
  get lastLines(): readonly string[] {
    return this.#lines.filter((line) => line.trim() !== '');
  }

  /** Whether anything was left to send the signal to. */
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
   * Ends it and all that it started.
   * @param graceMs time to end by itself, milliseconds
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
