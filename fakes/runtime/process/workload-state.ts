// Encodes the state from which a process is resumed, as bytes in its dumped memory. Decoding validates every field,
// because an archive may come from anywhere.

import type { UnixSocket } from '../machine/unix-sockets';
import type { TermReaction } from '../shell/instruction';
import type { WordLoopsState } from '../shell/word-loops';
import type { OpenedFile, Sink } from './output';
import type { Program } from './program';

export interface ProcessState {
  readonly program: Program;
  readonly argv: readonly string[];
  /** Index of the next instruction. */
  readonly place: number;
  /** Exit code of the last command. */
  readonly status: number;
  readonly reaction: TermReaction;
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** The memory that each variable uses in addition to its text, by variable name, bytes. */
  readonly held: readonly (readonly [name: string, bytes: number])[];
  /** The remaining words of each loop over words. */
  readonly loops: WordLoopsState;
  readonly sinks: readonly (readonly [fd: number, sink: Sink])[];
  readonly sockets: readonly (readonly [fd: number, socket: UnixSocket])[];
  /** The child process that runs the current `sleep`. */
  readonly sleeper: { readonly pid: number; readonly amount: string } | undefined;
  /** The PID of the child that the process waits for, or `all`. */
  readonly waiting: number | 'all' | undefined;
  /** Remaining time of a sleep, milliseconds. */
  readonly wakesInMs: number | undefined;
  /** Whether the current iteration of a loop has slept. */
  readonly rested: boolean;
}

/** Stands for an infinite sleep, because JSON has no infinity. */
const FOREVER = 'forever';

/** Encodes a state. It omits sockets and file offsets, because CRIU's table of open files contains them. */
export function encodeState({ wakesInMs, sinks, sockets: _, ...state }: ProcessState): Buffer {
  const files = [...new Set(sinks.flatMap(([, sink]) => ('file' in sink ? [sink.file] : [])))];
  const leading = sinks.map(([fd, sink]) => {
    if ('stream' in sink) return [fd, { stream: sink.stream }];
    const { path, append } = sink.file;
    return [fd, { path, append, file: files.indexOf(sink.file) }];
  });
  const wakes = wakesInMs === Number.POSITIVE_INFINITY ? FOREVER : wakesInMs;
  return Buffer.from(JSON.stringify({ ...state, sinks: leading, wakes }));
}

/** Thrown if bytes are not a valid state. */
class NoState extends Error {}

const fail = (what: string): never => {
  throw new NoState(what);
};

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : fail('an object');
}
const text = (value: unknown) => (typeof value === 'string' ? value : fail('a text'));
const count = (value: unknown) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fail('a count');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : fail('a list'));
const texts = (value: unknown) => list(value).map(text);
const pairs = <V>(value: unknown, of: (value: unknown) => V) =>
  list(value).map((pair) => {
    const [name, inner] = list(pair);
    return [text(name), of(inner)] as const;
  });

function program(value: unknown): Program {
  const { first, own } = record(value);
  return { ...(first !== undefined && { first: texts(first) }), own: texts(own) };
}

function reaction(value: unknown): TermReaction {
  return value === 'die' || value === 'ignore' ? value : { exit: count(record(value)['exit']) };
}

/** The parts of a process's state that come from CRIU's table of open files. */
export interface Opened {
  /** Returns the offset of an open file, in bytes. */
  position(fd: number): number;
  readonly sockets: ProcessState['sockets'];
}

function sinksOf(value: unknown, { position }: Opened): ProcessState['sinks'] {
  const files = new Map<number, OpenedFile>();
  return list(value).map((pair) => {
    const [number, inner] = list(pair);
    const fd = count(number);
    const { stream, path, append, file } = record(inner);
    if (stream === 'stdout' || stream === 'stderr') return [fd, { stream }] as const;
    const shared = files.get(count(file)) ?? { path: text(path), append: append === true, position: position(fd) };
    files.set(count(file), shared);
    return [fd, { file: shared }] as const;
  });
}

/** Decodes the loops over words. Archives of earlier versions do not contain them. */
function loops(value: unknown): WordLoopsState {
  if (value === undefined) return [];
  return list(value).map((pair) => {
    const [place, words] = list(pair);
    return [count(place), texts(words)] as const;
  });
}

function sleeper(value: unknown): ProcessState['sleeper'] {
  if (value === undefined) return undefined;
  const { pid, amount } = record(value);
  return { pid: count(pid), amount: text(amount) };
}

function wakesIn(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (value === FOREVER) return Number.POSITIVE_INFINITY;
  return typeof value === 'number' && value >= 0 ? value : fail('a time');
}

/** Decodes a state. Returns undefined if the bytes are not a valid state. */
export function decodeState(bytes: Buffer, opened: Opened): ProcessState | undefined {
  try {
    const state = record(JSON.parse(bytes.toString()));
    return {
      program: program(state['program']),
      argv: texts(state['argv']),
      place: count(state['place']),
      status: count(state['status']),
      reaction: reaction(state['reaction']),
      variables: pairs(state['variables'], text),
      held: pairs(state['held'], count),
      loops: loops(state['loops']),
      sinks: sinksOf(state['sinks'], opened),
      sockets: opened.sockets,
      sleeper: sleeper(state['sleeper']),
      waiting:
        state['waiting'] === 'all' ? 'all' : state['waiting'] === undefined ? undefined : count(state['waiting']),
      wakesInMs: wakesIn(state['wakes']),
      rested: state['rested'] === true,
    };
  } catch (error) {
    if (error instanceof NoState || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
