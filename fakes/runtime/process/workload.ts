// Runs a recognised script without a process: its variables, its place and its sleeps are plain state.
import type { Clock } from '../../base/clock';
import { Machine } from '../machine/machine';
import type { Script, TermReaction } from '../shell/instruction';
import type { Word } from '../shell/shell-words';
import { commandOutput } from './command-output';
import { type Program, scriptOf } from './program';
import { Children } from './workload-children';
import type { ProcessView, ResumedProcess, WorkloadEvents, WorkloadParts } from './workload-parts';
import { Shell } from './workload-shell';
import { Sleep } from './workload-sleep';
import type { ProcessState } from './workload-state';
import { type Process, perform } from './workload-steps';
import { type ProcessIdentity, shellView, sleeperView } from './workload-view';

/** The work of one process and its children, from its start to its exit. */
export class Workload {
  readonly #identity: ProcessIdentity;
  readonly #script: Script;
  readonly #runs: Program | undefined;
  readonly #clock: Clock;
  readonly #events: WorkloadEvents;
  readonly #shell: Shell;
  readonly #sleep: Sleep;
  readonly #children = new Children<Workload>();
  #stopped = false;
  #isBegun = false;
  #frozen = false;

  constructor(script: Script, clock: Clock, events: WorkloadEvents, parts: WorkloadParts = {}) {
    this.#script = script;
    this.#runs = parts.program;
    this.#clock = clock;
    this.#events = events;
    this.#identity = { pid: parts.pid ?? 1, parentPid: parts.parentPid ?? 0, arguments: parts.argv ?? [] };
    this.#shell = new Shell(
      parts.machine ?? new Machine(),
      (stream, text) => events.write(stream, text),
      (script, shell) => commandOutput(script, shell, () => clock.now()),
    );
    this.#sleep = new Sleep(clock, () => this.#run());
  }

  /** Begins soon, or at once where the caller is ready for its end. */
  start({ atOnce = false } = {}): void {
    if (!this.#script) {
      this.#events.begun?.();
      return;
    }
    if (atOnce) this.#run();
    else this.#sleep.begin(0);
  }

  /** Stands still until `thaw`; what is left of a sleep is slept afterwards. */
  freeze(): void {
    if (this.#frozen) return;
    this.#frozen = true;
    this.#sleep.freeze();
    this.#children.freeze();
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    this.#sleep.thaw();
    this.#children.thaw();
  }

  /** Ends it and its children without an event. */
  stop(): void {
    this.#stopped = true;
    this.#sleep.end();
    this.#shell.sleeper = undefined;
    this.#children.stop();
  }

  get pid(): number {
    return this.#identity.pid;
  }

  get variables(): ReadonlyMap<string, string> {
    return this.#shell.variables.texts;
  }

  /** Bytes of memory that the process holds on purpose, its children not counted. */
  get memoryBytes(): number {
    return this.#shell.variables.memoryBytes;
  }

  /** What it does at the signal that asks it to end. */
  get reaction(): TermReaction {
    return this.#shell.reaction;
  }

  /** It and its children that are there now, in the order of their pids. */
  get processes(): readonly ProcessView[] {
    const others = [...this.#children.processes, ...sleeperView(this.pid, this.#shell)];
    return [
      { ...shellView(this.#identity, this.#shell), ...(this.#runs && { state: this.#state(this.#runs) }) },
      ...others.sort((a, b) => a.pid - b.pid),
    ];
  }

  #state(program: Program): ProcessState {
    const { waiting } = this.#children;
    return { program, argv: this.#identity.arguments, ...this.#shell.state, waiting, wakesInMs: this.#sleep.leftMs };
  }

  /**
   * Takes up a process and its children where they stood still; call it instead of `start`. Whoever has no state is left
   * out: a sleep that a parent does for itself is part of the parent's state.
   */
  resume(state: ProcessState, children: (pid: number) => readonly ResumedProcess[]): void {
    this.#shell.resume(state);
    for (const { pid, state: own } of children(this.pid)) {
      const child = this.#child(own.program, own.argv, pid);
      if (state.waiting === pid) this.#children.waitFor(child);
      child.resume(own, children);
    }
    if (state.waiting === 'all') this.#children.waitForAll();
    if (state.wakesInMs !== undefined) this.#sleep.begin(Math.max(0, state.wakesInMs));
    else if (!this.#children.areWaitedFor && this.#script) this.#sleep.begin(0);
  }

  #run(): void {
    const shell = this.#shell;
    const process = this.#process();
    shell.sleeper = undefined;
    while (!this.#stopped && !this.#sleep.isOn && !this.#children.areWaitedFor) {
      const instruction = this.#script?.[shell.place];
      if (instruction === undefined) break;
      shell.place += 1;
      perform(instruction, process);
    }
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#events.begun?.();
  }

  /** What the script may do with the process around it. */
  #process(): Process {
    return {
      shell: this.#shell,
      argv: this.#identity.arguments,
      now: () => this.#clock.now(),
      sleep: (ms) => this.#sleep.begin(ms),
      spawn: (words) => void this.#spawn(words),
      call: (words) => this.#children.waitFor(this.#spawn(words)),
      wait: () => this.#children.waitForAll(),
      exit: (code) => {
        this.stop();
        this.#events.exit(code);
      },
    };
  }

  #spawn(words: readonly Word[]): Workload {
    const argv = this.#shell.fields(words);
    const child = this.#child({ own: argv }, argv, this.#shell.machine.nextPid());
    child.start();
    return child;
  }

  #child(program: Program, argv: readonly string[], pid: number): Workload {
    const events: WorkloadEvents = {
      write: (stream, text) => this.#events.write(stream, text),
      exit: (code) => this.#childEnded(child, code),
    };
    const parts = { machine: this.#shell.machine, program, argv, pid, parentPid: this.pid };
    const child = new Workload(scriptOf(program), this.#clock, events, parts);
    return this.#children.add(child);
  }

  #childEnded(child: Workload, code: number): void {
    const ended = this.#children.ended(child);
    if (!ended) return;
    if (ended === 'one') this.#shell.status = code;
    this.#shell.rested = true;
    this.#run();
  }
}
