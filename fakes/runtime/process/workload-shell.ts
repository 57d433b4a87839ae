// Keeps the state that a script changes while it runs: its position, its variables, and the targets of its output.

import type { Machine } from '../machine/machine';
import { runProgram } from '../programs/programs';
import { expand, fields, type Values } from '../shell/expand';
import type { TermReaction } from '../shell/instruction';
import { basename } from '../shell/script';
import type { Redirection, Word } from '../shell/shell-words';
import { WordLoops } from '../shell/word-loops';
import { HeldSockets } from './held-sockets';
import { CannotOpen, NO_SINKS, redirected, type Sinks, type Stream, writeTo } from './output';
import type { ProcessState } from './workload-state';
import { Variables } from './workload-variables';

/** The part of a process's state that belongs to the shell. */
type ShellState = Pick<
  ProcessState,
  'place' | 'status' | 'reaction' | 'variables' | 'held' | 'loops' | 'sinks' | 'sockets' | 'sleeper' | 'rested'
>;

/** The output of a command without trailing newlines, and its exit code. */
export interface CommandOutput {
  readonly text: string;
  readonly status: number;
}

/** Runs a script in a subshell and waits for its end. */
export type Substitute = (script: string, shell: Shell) => CommandOutput;

export class Shell {
  /** Index of the next instruction. */
  place = 0;
  /** Exit code of the last command. */
  status = 0;
  /** The reaction to the signal TERM. */
  reaction: TermReaction = 'die';
  /** Whether the current iteration of a loop has slept. */
  rested = false;
  /** The child process that runs the current `sleep`. */
  sleeper: ProcessState['sleeper'];
  readonly variables = new Variables();
  readonly sockets: HeldSockets;
  readonly #loops = new WordLoops();
  readonly #substitute: Substitute;
  /** Exit code of the last substitution in the current command. */
  #substituted: number | undefined;
  #sinks = NO_SINKS;

  /** @param print called with text for a stream of the container */
  constructor(
    readonly machine: Machine,
    readonly print: (stream: Stream, text: string) => void,
    substitute: Substitute,
  ) {
    this.#substitute = substitute;
    this.sockets = new HeldSockets(machine);
  }

  get sinks(): Sinks {
    return this.#sinks;
  }

  expand(word: Word): string {
    return expand(word, this.#values);
  }

  /** Returns the arguments that words expand to. */
  fields(words: readonly Word[]): string[] {
    return words.flatMap((word) => fields(word, this.#values));
  }

  /**
   * Returns a subshell with copies of the variables, whose changes do not affect this shell.
   * @param take called with the subshell's output
   */
  subshell(take: (text: string) => void): Shell {
    const print = (stream: Stream, text: string) => (stream === 'stdout' ? take(text) : this.print(stream, text));
    const shell = new Shell(this.machine, print, this.#substitute);
    shell.status = this.status;
    shell.variables.resume(this.variables.state);
    shell.#sinks = new Map([...this.#sinks, [1, { stream: 'stdout' }]]);
    return shell;
  }

  set(name: string, value: Word): void {
    this.#substituted = undefined;
    this.variables.set(name, this.expand(value), value);
    this.status = this.#substituted ?? 0;
  }

  /** Starts a loop over words at the current position. */
  beginRounds(words: readonly Word[]): void {
    const all = this.fields(words);
    this.#loops.begin(this.place, all);
    // A loop without words sets the exit code to 0. Otherwise the last command sets it.
    if (all.length === 0) this.status = 0;
  }

  /**
   * Sets the variable of the loop at the previous instruction to the next word. Returns false at the end of the loop.
   */
  nextRound(name: string): boolean {
    const word = this.#loops.next(this.place - 1);
    if (word !== undefined) this.variables.set(name, word, []);
    return word !== undefined;
  }

  /** Redirects the output of all later commands. */
  redirect(redirections: readonly Redirection[]): void {
    this.#withRedirected(redirections, (sinks) => {
      this.#sinks = sinks;
      this.status = 0;
    });
  }

  /**
   * Runs one of the simulated programs.
   * @param now current time, milliseconds since the epoch
   */
  run(words: readonly Word[], redirections: readonly Redirection[], now: number): void {
    this.#substituted = undefined;
    const [name, ...args] = this.fields(words);
    this.#withRedirected(redirections, (sinks) => {
      if (name === undefined) {
        this.status = this.#substituted ?? 0;
        return;
      }
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
      loops: this.#loops.state,
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
    this.#loops.resume(state.loops);
    this.#sinks = new Map(state.sinks);
    this.sockets.resume(state.sockets, this.#sinks);
  }

  /**
   * Runs a command with redirections. If a file cannot be opened, the command does not run and its exit code is 1, as
   * in other shells.
   */
  #withRedirected(redirections: readonly Redirection[], run: (sinks: Sinks) => void): void {
    try {
      run(redirected(this.#sinks, redirections, this.machine, this.#values));
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      writeTo(this.#sinks, 2, error.message, this.machine, this.print);
      this.status = 1;
    }
  }

  readonly #values: Values = {
    variable: (name) => {
      if (name === '?') return String(this.status);
      return this.variables.texts.get(name) ?? this.machine.variable(name);
    },
    output: (script) => {
      const { text, status } = this.#substitute(script, this);
      this.#substituted = status;
      return text;
    },
  };
}
