// Describes the files that file descriptors refer to, from CRIU's table of open files, in the form of /proc and ss.
import type { CriuMessage } from '../../proto/load';
import { printable } from './findings';
import type { InspectedFile } from './inspection';

type FileEntry = CriuMessage<'file_entry'>;

export function namedFile({ type, reg, pipe, isk, usk, id }: FileEntry): Omit<InspectedFile, 'fd'> {
  const kind = type ?? 'UND';
  if (reg) return { type: kind, name: printable(reg.name ?? ''), position: String(reg.pos ?? 0) };
  if (pipe) return { type: kind, name: `pipe:[${pipe.pipe_id ?? 0}]` };
  if (isk) return { type: kind, name: `${addressOf(isk)}:${isk.src_port ?? 0}` };
  if (usk) return { type: kind, ...unixSocket(usk) };
  return { type: kind, name: `file ${id ?? 0}` };
}

/** The TCP state LISTEN, which CRIU also uses for unix sockets. */
const LISTEN = 10;

/** The name of a socket in /proc, if it has no other. */
const socketName = (inode: number) => `socket:[${inode}]`;

/** Names a unix socket by its path, or by its abstract name after an `@`, as ss and netstat do. */
function unixSocket({ name, ino = 0, peer = 0, state }: NonNullable<FileEntry['usk']>): Omit<NamedFile, 'type'> {
  const bound = Buffer.from(name ?? []).toString('utf8');
  const path = bound.startsWith('\0') ? `@${bound.slice(1)}` : bound.replace(/\0$/, '');
  return {
    name: path === '' ? socketName(ino) : printable(path),
    ...(state === LISTEN && { listens: true }),
    ...(peer !== 0 && { socket: socketName(ino), peer: socketName(peer) }),
  };
}

/** Formats an IPv4 address with dots, and a longer address in hexadecimal. */
function addressOf({ src_addr = [] }: NonNullable<FileEntry['isk']>): string {
  const bytes = Buffer.alloc(4 * Math.min(4, src_addr.length));
  for (const [i, word] of src_addr.slice(0, 4).entries()) bytes.writeUInt32LE(word, 4 * i);
  return bytes.length === 4 ? [...bytes].join('.') : `[${bytes.toString('hex')}]`;
}

export type NamedFile = Omit<InspectedFile, 'fd'>;
