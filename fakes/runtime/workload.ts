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

/** When a sleep ends (milliseconds since the epoch); while it is frozen, how long it would go on still. */
type Wake = { readonly at: number } | { readonly left: number };

interface Background extends Sleeper {
  readonly wake: Wake;
}

/** A loop that never sleeps is slowed to one round in this time, or it would hold the process that simulates it. */
const BUSY_LOOP_MS = 10;

/** The work of one container, from its start to its exit. */
export class Workload {
  readonly variables = new Map<string, string>();
  /** Files that the script wrote, by absolute path. */
  readonly files = new Map<string, string>();
  /** Bytes that variables hold beyond their text, by name. */
  readonly #held = new Map<string, number>();
  #background: Background[] = [];
  #place = 0;
  #status = 0;
  #children = 0;
  #reaction: TermReaction = 'die';
  #sleeper: Sleeper | undefined;
  /** True once the current round of a loop has slept. */
  #rested = false;
  #stopped = false;
  #frozen = false;
  #wake: Wake | undefined;
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
    const now = this.#clock.now();
    if (this.#wake) this.#wake = frozenAt(this.#wake, now);
    this.#background = this.#background.map((child) => ({ ...child, wake: frozenAt(child.wake, now) }));
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    const now = this.#clock.now();
    this.#background = this.#background
      .map((child) => ({ ...child, wake: thawedAt(child.wake, now) }))
      .filter(({ wake }) => wake.at > now);
    if (this.#wake && 'left' in this.#wake) this.#sleep(this.#wake.left);
  }

  /** Ends it without an event. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#wake = undefined;
    this.#sleeper = undefined;
    this.#background = [];
  }

  /** What it does at the signal that asks it to end. */
  get reaction(): TermReaction {
    return this.#reaction;
  }

  /** The children that are there now, in the order of their pids. */
  get sleepers(): readonly Sleeper[] {
    const still = this.#background.filter(({ wake }) => 'left' in wake || wake.at > this.#clock.now());
    return [...still, ...(this.#sleeper ? [this.#sleeper] : [])].sort((a, b) => a.pid - b.pid);
  }

  /** Bytes of memory that it holds on purpose. */
  get memoryBytes(): number {
    return [...this.#held.values()].reduce((sum, bytes) => sum + bytes, 0);
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
        this.#held.set(
          instruction.name,
          instruction.value.reduce((sum, piece) => sum + ('bytes' in piece ? piece.bytes : 0), 0),
        );
        return;
      case 'say':
        this.#say(instruction.words.map((word) => this.#expand(word)).join(' '), instruction);
        this.#status = 0;
        return;
      case 'date':
        this.#events.line('stdout', unixDate(this.#clock.now()));
        return;
      case 'sleep':
        this.#sleeper = this.#child(instruction.amount);
        this.#rested = instruction.milliseconds > 0;
        this.#sleep(instruction.milliseconds);
        return;
      case 'spawn': {
        const wake = { at: this.#clock.now() + instruction.milliseconds };
        this.#background.push({ ...this.#child(instruction.amount), wake });
        return;
      }
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

  #child(amount: string): Sleeper {
    this.#children += 1;
    this.#status = 0;
    return { pid: 1 + this.#children, amount };
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
    if ('bytes' in piece) return '';
    if ('variable' in piece) return this.variables.get(piece.variable) ?? '';
    const number = (operand: string) =>
      Number(/^\d/.test(operand) ? operand : (this.variables.get(operand) ?? '0')) || 0;
    const [left, right] = [number(piece.left), number(piece.right)];
    return String(piece.operator === '+' ? left + right : piece.operator === '-' ? left - right : left * right);
  }
}

const frozenAt = (wake: Wake, now: number): Wake => ('at' in wake ? { left: Math.max(0, wake.at - now) } : wake);
const thawedAt = (wake: Wake, now: number) => ({ at: 'left' in wake ? now + wake.left : wake.at });

/** As `date` prints it in UTC. */
function unixDate(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day?.replace(/^0/, ' ')} ${time} UTC ${year}`;
}
