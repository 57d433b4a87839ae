// Runs a recognised script without a process: its variables, its place and its sleeps are plain state.
import type { Clock } from '../clock';
import type { Instruction, Script, TermReaction } from './script';
import { literal, type Piece, type Word } from './shell-words';

/** What a workload tells the container it belongs to. */
export interface WorkloadEvents {
  line(stream: 'stdout' | 'stderr', text: string): void;
  exit(code: number): void;
}

/** A program that sleeps, as its process shows. */
export interface Sleeper {
  readonly pid: number;
  /** As in `sleep 0.1`. */
  readonly amount: string;
}

/** A loop that never sleeps is slowed to one round in this time, or it would hold the process that simulates it. */
const BUSY_LOOP_MS = 10;

/** The work of one container, from its start to its exit. */
export class Workload {
  readonly variables = new Map<string, string>();
  /** Files that the script wrote, by absolute path. */
  readonly files = new Map<string, string>();
  #place = 0;
  #status = 0;
  #children = 0;
  #reaction: TermReaction = 'die';
  #sleeper: Sleeper | undefined;
  /** True once the current round of a loop has slept. */
  #rested = false;
  #stopped = false;
  #frozen = false;
  /** When it goes on (milliseconds since the epoch); while it is frozen, how long it would have slept still. */
  #wake: { at: number } | { left: number } | undefined;
  #cancel: (() => void) | undefined;
  readonly #script: Script;
  readonly #clock: Clock;
  readonly #events: WorkloadEvents;

  constructor(script: Script, clock: Clock, events: WorkloadEvents) {
    this.#script = script;
    this.#clock = clock;
    this.#events = events;
  }

  start(): void {
    if (this.#script) this.#sleep(0);
  }

  /** Stands still until `thaw`; what is left of a sleep is slept afterwards. */
  freeze(): void {
    if (this.#frozen) return;
    this.#frozen = true;
    this.#cancel?.();
    if (this.#wake && 'at' in this.#wake) this.#wake = { left: Math.max(0, this.#wake.at - this.#clock.now()) };
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    if (this.#wake && 'left' in this.#wake) this.#sleep(this.#wake.left);
  }

  /** Ends it without an event. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#wake = undefined;
    this.#sleeper = undefined;
  }

  /** What it does at the signal that asks it to end. */
  get reaction(): TermReaction {
    return this.#reaction;
  }

  /** The child that is running now, if any. */
  get sleeper(): Sleeper | undefined {
    return this.#sleeper;
  }

  #sleep(ms: number): void {
    this.#wake = { at: this.#clock.now() + ms };
    this.#cancel = this.#clock.after(ms, () => this.#run());
  }

  #run(): void {
    this.#wake = undefined;
    this.#sleeper = undefined;
    while (!this.#stopped && this.#wake === undefined) {
      const instruction = this.#script?.[this.#place];
      if (instruction === undefined) return;
      this.#place += 1;
      if (instruction.do === 'jump') {
        this.#place = instruction.to;
        if (!this.#rested) this.#sleep(BUSY_LOOP_MS);
        this.#rested = false;
      } else this.#perform(instruction);
    }
  }

  #perform(instruction: Exclude<Instruction, { do: 'jump' }>): void {
    switch (instruction.do) {
      case 'set':
        this.variables.set(instruction.name, this.#expand(instruction.value));
        return;
      case 'say':
        this.#say(instruction.words.map((word) => this.#expand(word)).join(' '), instruction);
        this.#status = 0;
        return;
      case 'date':
        this.#events.line('stdout', unixDate(this.#clock.now()));
        return;
      case 'sleep':
        this.#children += 1;
        this.#sleeper = { pid: 1 + this.#children, amount: instruction.amount };
        this.#status = 0;
        this.#rested = instruction.milliseconds > 0;
        this.#sleep(instruction.milliseconds);
        return;
      case 'status':
        this.#status = instruction.code;
        return;
      case 'trap':
        this.#reaction = instruction.reaction;
        return;
      case 'exit':
        this.stop();
        this.#events.exit(instruction.code ?? this.#status);
        return;
    }
  }

  #say(text: string, { redirection }: { redirection?: { target: Word; append: boolean } }): void {
    if (!redirection) this.#events.line('stdout', text);
    else if (literal(redirection.target) === '&2') this.#events.line('stderr', text);
    else {
      const path = this.#expand(redirection.target);
      const before = redirection.append ? (this.files.get(path) ?? '') : '';
      if (!path.startsWith('/dev/')) this.files.set(path, `${before}${text}\n`);
    }
  }

  #expand(word: Word): string {
    return word.map((piece) => this.#value(piece)).join('');
  }

  #value(piece: Piece): string {
    if ('text' in piece) return piece.text;
    if ('variable' in piece) return this.variables.get(piece.variable) ?? '';
    const number = (operand: string) =>
      Number(/^\d/.test(operand) ? operand : (this.variables.get(operand) ?? '0')) || 0;
    const [left, right] = [number(piece.left), number(piece.right)];
    return String(piece.operator === '+' ? left + right : piece.operator === '-' ? left - right : left * right);
  }
}

/** As `date` prints it in UTC. */
function unixDate(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day?.replace(/^0/, ' ')} ${time} UTC ${year}`;
}
