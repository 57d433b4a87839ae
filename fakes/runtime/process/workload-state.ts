// All that a process needs to go on elsewhere, as the bytes that lie in its dumped memory. Where they are read back
// they come from a file of anybody's, so every field is checked.

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
  /** Exit code of what ran last. */
  readonly status: number;
  readonly reaction: TermReaction;
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** Bytes that variables hold beyond their text, by name. */
  readonly held: readonly (readonly [name: string, bytes: number])[];
  /** What loops over words have still to go through. */
  readonly loops: WordLoopsState;
  readonly sinks: readonly (readonly [fd: number, sink: Sink])[];
  readonly sockets: readonly (readonly [fd: number, socket: UnixSocket])[];
  /** The process that sleeps on behalf of this one. */
  readonly sleeper: { readonly pid: number; readonly amount: string } | undefined;
  /** The child that is waited for. */
  readonly waiting: number | 'all' | undefined;
  /** Milliseconds that are left of a sleep. */
  readonly wakesInMs: number | undefined;
  /** Whether the current round of a loop has slept. */
  readonly rested: boolean;
}

/** JSON has no word for a sleep without an end. */
const FOREVER = 'forever';

/** The bytes of a state; sockets and the offsets of files are left to the table of open files. */
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

/** The bytes are not those of a state. */
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

/** What the table of open files has for the same process. */
export interface Opened {
  /** The offset of a file, bytes. */
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

/** Absent where it was dumped before there were such loops. */
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

/** The state that bytes stand for; undefined where they are none. */
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
