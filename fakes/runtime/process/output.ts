// Directs the output of a process to the streams of its container or to files.

import type { Machine } from '../machine/machine';
import { expand, type Values } from '../shell/expand';
import type { Redirection } from '../shell/shell-words';

export type Stream = 'stdout' | 'stderr';

/** An open file. Duplicated file descriptors share one open file. */
export interface OpenedFile {
  readonly path: string;
  /** Whether every write goes to the current end of the file. */
  readonly append: boolean;
  /** Offset of the next write if `append` is false, bytes. */
  position: number;
}

/** The target of one file descriptor. */
export type Sink = { readonly stream: Stream } | { readonly file: OpenedFile };

/** Targets by file descriptor. Descriptors that are not in the map are the container's own streams. */
export type Sinks = ReadonlyMap<number, Sink>;

export const NO_SINKS: Sinks = new Map();

const STREAM_FILES: Readonly<Record<string, Stream>> = { '/dev/stdout': 'stdout', '/dev/stderr': 'stderr' };

const sinkOf = (sinks: Sinks, fd: number): Sink => sinks.get(fd) ?? { stream: fd === 2 ? 'stderr' : 'stdout' };

/** An error with the message of a shell that cannot open a file. */
export class CannotOpen extends Error {}

/**
 * Applies redirections from left to right. The files are created or truncated at once.
 * @returns the new targets of the file descriptors
 * @throws CannotOpen with the shell's message
 */
export function redirected(
  before: Sinks,
  redirections: readonly Redirection[],
  machine: Machine,
  values: Values,
): Sinks {
  if (redirections.length === 0) return before;
  const sinks = new Map(before);
  for (const redirection of redirections) {
    if ('like' in redirection) {
      sinks.set(redirection.fd, sinkOf(sinks, redirection.like));
      continue;
    }
    const path = expand(redirection.path, values);
    const stream = STREAM_FILES[path];
    if (stream === undefined && !machine.write(path, '', redirection.append))
      throw new CannotOpen(`sh: can't create ${path}: Read-only file system\n`);
    sinks.set(
      redirection.fd,
      stream === undefined
        ? { file: { path: machine.absolute(path), append: redirection.append, position: 0 } }
        : { stream },
    );
  }
  return sinks;
}

/** Writes text to a file descriptor. */
export function writeTo(
  sinks: Sinks,
  fd: number,
  text: string,
  machine: Machine,
  stream: (stream: Stream, text: string) => void,
): void {
  const sink = sinkOf(sinks, fd);
  if ('stream' in sink) {
    stream(sink.stream, text);
    return;
  }
  const { file } = sink;
  machine.writeOpen(file.path, text, file.append ? 'end' : file.position);
  if (!file.append) file.position += Buffer.byteLength(text);
}

/** Returns the open files among the targets, each with its offset in bytes. */
export const filesOf = (sinks: Sinks, machine: Machine) =>
  [...sinks].flatMap(([fd, sink]) => {
    if ('stream' in sink) return [];
    const { path, append, position } = sink.file;
    return [{ fd, path, append, position: append ? Buffer.byteLength(machine.read(path) ?? '') : position }];
  });
