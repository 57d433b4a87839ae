// Runs a supported script without a real process. Its variables, position and sleeps are plain data.
import type { Clock } from '../../base/clock';
import { Machine } from '../machine/machine';
import type { Script, TermReaction } from '../shell/instruction';
import type { Word } from '../shell/shell-words';
import { commandOutput } from './command-output';
import { type Program, scriptOf, whyNotSimulated } from './program';
import { Children } from './workload-children';
import type { ProcessView, ResumedProcess, WorkloadEvents, WorkloadParts } from './workload-parts';
import { Shell } from './workload-shell';
import { Sleep } from './workload-sleep';
import type { ProcessState } from './workload-state';
import { type Process, perform } from './workload-steps';
import { type ProcessIdentity, shellView, sleeperView } from './workload-view';

/** A simulated process and its children, from start to exit. */
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

  /** Starts the process in a later turn of the event loop, or at once if the caller can already handle its exit. */
  start({ atOnce = false } = {}): void {
    this.#report();
    if (!this.#script) {
      this.#events.begun?.();
      return;
    }
    if (atOnce) this.#run();
    else this.#sleep.begin(0);
  }

  /** Freezes the process until `thaw`. A sleep then continues with the remaining time. */
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

  /** Ends the process and its children without an exit event. */
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

  /** Memory that the process without its children allocated on purpose, bytes. */
  get memoryBytes(): number {
    return this.#shell.variables.memoryBytes;
  }

  /** The reaction to the signal TERM. */
  get reaction(): TermReaction {
    return this.#shell.reaction;
  }

  /** The process and its running children, in the order of their PIDs. */
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
   * Resumes a process and its children from a checkpoint. Call it instead of `start`. Children without a state are not
   * resumed separately, because the `sleep` that they run is part of the parent's state.
   */
  resume(state: ProcessState, children: (pid: number) => readonly ResumedProcess[]): void {
    this.#report();
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

  #report(): void {
    const reason = this.#runs && whyNotSimulated(this.#runs);
    if (reason !== undefined) this.#events.notSimulated?.(reason);
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

  /** The operations that the script may use on this process. */
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
      notSimulated: (reason) => this.#events.notSimulated?.(reason),
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
