// What a script changes in its process while it runs: its place, its variables, where its output goes.
import { expand } from './expand';
import { HeldSockets } from './held-sockets';
import type { Machine } from './machine';
import { CannotOpen, NO_SINKS, redirected, type Sinks, type Stream, writeTo } from './output';
import { runProgram } from './programs';
import { basename, type TermReaction } from './script';
import type { Redirection, Word } from './shell-words';
import type { ProcessState } from './workload-state';
import { Variables } from './workload-variables';

/** What of a process's state is the script's own. */
type ShellState = Pick<
  ProcessState,
  'place' | 'status' | 'reaction' | 'variables' | 'held' | 'sinks' | 'sockets' | 'sleeper' | 'rested'
>;

export class Shell {
  /** Index of the next instruction. */
  place = 0;
  /** Exit code of what ran last. */
  status = 0;
  /** What it does at the signal that asks it to end. */
  reaction: TermReaction = 'die';
  /** True once the current round of a loop has slept. */
  rested = false;
  /** The process that sleeps on behalf of this one. */
  sleeper: ProcessState['sleeper'];
  readonly variables = new Variables();
  readonly sockets: HeldSockets;
  #sinks = NO_SINKS;

  /** @param print takes what goes to a stream of the container */
  constructor(
    readonly machine: Machine,
    readonly print: (stream: Stream, text: string) => void,
  ) {
    this.sockets = new HeldSockets(machine);
  }

  get sinks(): Sinks {
    return this.#sinks;
  }

  expand(word: Word): string {
    return expand(word, this.#variable);
  }

  set(name: string, value: Word): void {
    this.variables.set(name, this.expand(value), value);
    this.status = 0;
  }

  /** From here on, output goes there. */
  redirect(redirections: readonly Redirection[]): void {
    this.#withRedirected(redirections, (sinks) => {
      this.#sinks = sinks;
      this.status = 0;
    });
  }

  /**
   * Runs one of the programs that are known.
   *
   * @param now milliseconds since the epoch
   */
  run(words: readonly Word[], redirections: readonly Redirection[], now: number): void {
    const [name = '', ...args] = words.map((word) => this.expand(word));
    this.#withRedirected(redirections, (sinks) => {
      const write = (fd: number, text: string) => writeTo(sinks, fd, text, this.machine, this.print);
      this.status = runProgram(basename(name), args, {
        machine: this.machine,
        now,
        out: (text) => write(1, text),
        error: (text) => write(2, text),
      });
    });
  }

  get state(): ShellState {
    const { place, status, reaction, sleeper, rested } = this;
    return {
      place,
      status,
      reaction,
      sleeper,
      rested,
      ...this.variables.state,
      sinks: [...this.#sinks],
      sockets: this.sockets.all,
    };
  }

  resume(state: ShellState): void {
    this.place = state.place;
    this.status = state.status;
    this.reaction = state.reaction;
    this.sleeper = state.sleeper;
    this.rested = state.rested;
    this.variables.resume(state);
    this.#sinks = new Map(state.sinks);
    this.sockets.resume(state.sockets, this.#sinks);
  }

  /** As shells do it: where a file cannot be opened the command does not run, and its status is 1. */
  #withRedirected(redirections: readonly Redirection[], run: (sinks: Sinks) => void): void {
    try {
      run(redirected(this.#sinks, redirections, this.machine, this.#variable));
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      writeTo(this.#sinks, 2, error.message, this.machine, this.print);
      this.status = 1;
    }
  }

  readonly #variable = (name: string): string | undefined => {
    if (name === '?') return String(this.status);
    return this.variables.texts.get(name) ?? this.machine.variable(name);
  };
}
