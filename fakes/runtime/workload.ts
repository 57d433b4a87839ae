// Runs a recognised script without a process: its variables, its place and its sleeps are plain state.
import type { Clock } from '../clock';
import { expand, heldBytes } from './expand';
import { Machine } from './machine';
import { CannotOpen, filesOf, NO_SINKS, redirected, type Sinks, writeTo } from './output';
import { type Program, scriptOf } from './program';
import { runProgram } from './programs';
import { basename, type Instruction, type Script, type TermReaction } from './script';
import type { Redirection, Word } from './shell-words';
import { duration } from './time';
import type { ProcessView, ResumedProcess, WorkloadEvents, WorkloadParts } from './workload-parts';
import type { ProcessState } from './workload-state';

/** When a sleep ends (milliseconds since the epoch); while it is frozen, how long it would go on still. */
type Wake = { readonly at: number } | { readonly left: number };

/** A loop that never sleeps is slowed to one round in this time, or it would hold the process that simulates it. */
const BUSY_LOOP_MS = 10;

const NO_VARIABLES: ReadonlyMap<string, string> = new Map();

/** The work of one process and its children, from its start to its exit. */
export class Workload {
  readonly pid: number;
  #variables: Map<string, string> | undefined;
  readonly #script: Script;
  readonly #runs: Program | undefined;
  readonly #clock: Clock;
  readonly #events: WorkloadEvents;
  readonly #machine: Machine;
  readonly #argv: readonly string[];
  readonly #parentPid: number;
  /** Bytes that variables hold beyond their text, by name. */
  #held: Map<string, number> | undefined;
  #sinks = NO_SINKS;
  #children: Set<Workload> | undefined;
  /** The child that is waited for; `all` in a `wait`. */
  #waiting: Workload | 'all' | undefined;
  #sleeper: { pid: number; amount: string } | undefined;
  #place = 0;
  #status = 0;
  #reaction: TermReaction = 'die';
  /** True once the current round of a loop has slept. */
  #rested = false;
  #stopped = false;
  #isBegun = false;
  #frozen = false;
  #wake: Wake | undefined;
  #cancel: (() => void) | undefined;

  constructor(script: Script, clock: Clock, events: WorkloadEvents, parts: WorkloadParts = {}) {
    this.#script = script;
    this.#runs = parts.program;
    this.#clock = clock;
    this.#events = events;
    this.#machine = parts.machine ?? new Machine();
    this.#argv = parts.argv ?? [];
    this.pid = parts.pid ?? 1;
    this.#parentPid = parts.parentPid ?? 0;
  }

  /** Begins soon, or at once where the caller is ready for its end. */
  start({ atOnce = false } = {}): void {
    if (!this.#script) {
      this.#events.begun?.();
      return;
    }
    if (atOnce) this.#run();
    else this.#sleep(0);
  }

  /** Stands still until `thaw`; what is left of a sleep is slept afterwards. */
  freeze(): void {
    if (this.#frozen) return;
    this.#frozen = true;
    this.#cancel?.();
    if (this.#wake && 'at' in this.#wake) this.#wake = { left: Math.max(0, this.#wake.at - this.#clock.now()) };
    for (const child of this.#children ?? []) child.freeze();
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    if (this.#wake && 'left' in this.#wake) this.#sleep(this.#wake.left);
    for (const child of this.#children ?? []) child.thaw();
  }

  /** Ends it and its children without an event. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#wake = undefined;
    this.#sleeper = undefined;
    for (const child of this.#children ?? []) child.stop();
    this.#children = undefined;
  }

  get variables(): ReadonlyMap<string, string> {
    return this.#variables ?? NO_VARIABLES;
  }

  /** What it does at the signal that asks it to end. */
  get reaction(): TermReaction {
    return this.#reaction;
  }

  /** It and its children that are there now, in the order of their pids. */
  get processes(): readonly ProcessView[] {
    const children = [...(this.#children ?? [])].flatMap((child) => child.processes);
    if (this.#sleeper) {
      children.push({
        pid: this.#sleeper.pid,
        parentPid: this.pid,
        arguments: ['sleep', this.#sleeper.amount],
        memoryBytes: 0,
        plantedStrings: [],
        openFiles: filesOf(this.#sinks, this.#machine),
      });
    }
    return [
      {
        pid: this.pid,
        parentPid: this.#parentPid,
        arguments: this.#argv,
        memoryBytes: this.memoryBytes,
        // As shells keep their variables.
        plantedStrings: [...this.variables].map(([name, value]) => `${name}=${value}`),
        openFiles: filesOf(this.#sinks, this.#machine),
        ...(this.#runs && { state: this.#state(this.#runs) }),
      },
      ...children.sort((a, b) => a.pid - b.pid),
    ];
  }

  #state(program: Program): ProcessState {
    const wake = this.#wake && ('left' in this.#wake ? this.#wake.left : this.#wake.at - this.#clock.now());
    return {
      program,
      argv: this.#argv,
      place: this.#place,
      status: this.#status,
      reaction: this.#reaction,
      variables: [...this.variables],
      held: [...(this.#held ?? [])],
      sinks: [...this.#sinks],
      sleeper: this.#sleeper,
      waiting: this.#waiting instanceof Workload ? this.#waiting.pid : this.#waiting,
      wakesInMs: wake,
      rested: this.#rested,
    };
  }

  /**
   * Takes up a process and its children where they stood still; call it instead of `start`. Whoever has no state is left
   * out: a sleep that a parent does for itself is part of the parent's state.
   */
  resume(state: ProcessState, children: (pid: number) => readonly ResumedProcess[]): void {
    this.#place = state.place;
    this.#status = state.status;
    this.#reaction = state.reaction;
    if (state.variables.length > 0) this.#variables = new Map(state.variables);
    if (state.held.length > 0) this.#held = new Map(state.held);
    this.#sinks = new Map(state.sinks);
    this.#sleeper = state.sleeper;
    this.#rested = state.rested;
    for (const { pid, state: own } of children(this.pid)) {
      const child = this.#child(own.program, own.argv, pid);
      if (state.waiting === pid) this.#waiting = child;
      child.resume(own, children);
    }
    if (state.waiting === 'all' && this.#children?.size) this.#waiting = 'all';
    if (state.wakesInMs !== undefined) this.#sleep(Math.max(0, state.wakesInMs));
    else if (this.#waiting === undefined && this.#script) this.#sleep(0);
  }

  /** Bytes of memory that the process holds on purpose, its children not counted. */
  get memoryBytes(): number {
    let sum = 0;
    for (const bytes of this.#held?.values() ?? []) sum += bytes;
    return sum;
  }

  #sleep(ms: number): void {
    this.#wake = { at: this.#clock.now() + ms };
    this.#cancel = this.#clock.after(ms, () => this.#run());
  }

  #run(): void {
    this.#wake = undefined;
    this.#sleeper = undefined;
    while (!this.#stopped && this.#wake === undefined && this.#waiting === undefined) {
      const instruction = this.#script?.[this.#place];
      if (instruction === undefined) break;
      this.#place += 1;
      this.#perform(instruction);
    }
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#events.begun?.();
  }

  #perform(instruction: Instruction): void {
    switch (instruction.do) {
      case 'set': {
        const { name, value } = instruction;
        this.#variables ??= new Map();
        this.#variables.set(name, this.#expand(value));
        const bytes = heldBytes(value);
        if (bytes > 0 || this.#held) {
          this.#held ??= new Map();
          this.#held.set(name, bytes);
        }
        this.#status = 0;
        return;
      }
      case 'run':
        this.#program(instruction.words, instruction.redirections);
        return;
      case 'redirect':
        this.#withRedirected(instruction.redirections, (sinks) => {
          this.#sinks = sinks;
          this.#status = 0;
        });
        return;
      case 'sleep': {
        const amount = this.#expand(instruction.amount);
        const milliseconds = duration(amount);
        if (milliseconds === undefined) {
          this.#events.write('stderr', `sleep: invalid number '${amount}'\n`);
          this.#status = 1;
          return;
        }
        // A process that is `sleep` itself has no child that sleeps.
        if (basename(this.#argv[0] ?? '') !== 'sleep') this.#sleeper = { pid: this.#machine.nextPid(), amount };
        this.#status = 0;
        this.#rested = milliseconds > 0;
        this.#sleep(milliseconds);
        return;
      }
      case 'spawn':
        this.#spawn(instruction.words);
        this.#status = 0;
        return;
      case 'call':
        this.#waiting = this.#spawn(instruction.words);
        return;
      case 'wait':
        if (this.#children?.size) this.#waiting = 'all';
        this.#status = 0;
        return;
      case 'jump': {
        const back = instruction.to < this.#place;
        this.#place = instruction.to;
        if (!back) return;
        if (!this.#rested) this.#sleep(BUSY_LOOP_MS);
        this.#rested = false;
        return;
      }
      case 'branch':
        if ((this.#status === 0) === (instruction.when === 'ok')) this.#place = instruction.to;
        return;
      case 'trap':
        this.#reaction = instruction.reaction;
        this.#status = 0;
        return;
      case 'exit': {
        const code = instruction.code ? Number(this.#expand(instruction.code)) : this.#status;
        this.stop();
        this.#events.exit(Number.isInteger(code) ? ((code % 256) + 256) % 256 : 2);
      }
    }
  }

  #program(words: readonly Word[], redirections: readonly Redirection[]): void {
    const [name = '', ...args] = words.map((word) => this.#expand(word));
    this.#withRedirected(redirections, (sinks) => {
      const write = (fd: number, text: string) => writeTo(sinks, fd, text, this.#machine, this.#events.write);
      this.#status = runProgram(basename(name), args, {
        machine: this.#machine,
        now: this.#clock.now(),
        out: (text) => write(1, text),
        error: (text) => write(2, text),
      });
    });
  }

  /** As shells do it: where a file cannot be opened the command does not run, and its status is 1. */
  #withRedirected(redirections: readonly Redirection[], run: (sinks: Sinks) => void): void {
    try {
      run(redirected(this.#sinks, redirections, this.#machine, (name) => this.#variable(name)));
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      writeTo(this.#sinks, 2, error.message, this.#machine, this.#events.write);
      this.#status = 1;
    }
  }

  #spawn(words: readonly Word[]): Workload {
    const argv = words.map((word) => this.#expand(word));
    const child = this.#child({ own: argv }, argv, this.#machine.nextPid());
    child.start();
    return child;
  }

  #child(program: Program, argv: readonly string[], pid: number): Workload {
    const events: WorkloadEvents = {
      write: (stream, text) => this.#events.write(stream, text),
      exit: (code) => this.#childEnded(child, code),
    };
    const parts = { machine: this.#machine, program, argv, pid, parentPid: this.pid };
    const child = new Workload(scriptOf(program), this.#clock, events, parts);
    this.#children ??= new Set();
    this.#children.add(child);
    return child;
  }

  #childEnded(child: Workload, code: number): void {
    this.#children?.delete(child);
    if (this.#waiting !== child && (this.#waiting !== 'all' || this.#children?.size)) return;
    if (this.#waiting === child) this.#status = code;
    this.#rested = true;
    this.#waiting = undefined;
    this.#run();
  }

  #expand(word: Word): string {
    return expand(word, (name) => this.#variable(name));
  }

  #variable(name: string): string | undefined {
    if (name === '?') return String(this.#status);
    return this.variables.get(name) ?? this.#machine.variable(name);
  }
}
