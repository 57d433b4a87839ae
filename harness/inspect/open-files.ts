// Describes the open file behind each file descriptor, in the form that /proc and ss use. The data come from CRIU's
// table of open files.
import { SocketAddress } from 'node:net';
import type { CriuMessage } from '../../proto/load';
import type { Contents } from './contents';
import { printable } from './findings';
import type { InspectedFile } from './inspection';

/** Maximum number of open files that are read. */
const MAX_FILES = 100_000;

type FileEntry = CriuMessage<'file_entry'>;
export type NamedFile = Omit<InspectedFile, 'fd'>;

/** The names that /proc shows for files without a path, by CRIU's file type. */
const ANONYMOUS: Readonly<Record<string, string>> = {
  EVENTFD: 'anon_inode:[eventfd]',
  EVENTPOLL: 'anon_inode:[eventpoll]',
  INOTIFY: 'anon_inode:inotify',
  FANOTIFY: 'anon_inode:[fanotify]',
  SIGNALFD: 'anon_inode:[signalfd]',
  TIMERFD: 'anon_inode:[timerfd]',
  PIDFD: 'anon_inode:[pidfd]',
  BPFMAP: 'anon_inode:bpf-map',
  TUNF: '/dev/net/tun',
};

/** Names of internet protocols, by number. */
const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 136: 'UDPLITE' };
const TCP = 6;
/** Names of TCP states, by number. CRIU uses these numbers for all sockets. */
const STATES = [
  ...['', 'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT'],
  ...['CLOSE', 'CLOSE_WAIT', 'LAST_ACK', 'LISTEN', 'CLOSING'],
];
const LISTEN = STATES.indexOf('LISTEN');
const CONNECTED = STATES.indexOf('ESTABLISHED');
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

const socketName = (inode: number) => `socket:[${inode}]`;

/**
 * Describes a unix socket. Its name is its path, its abstract name after an `@`, or the name that /proc shows for a
 * socket without either.
 */
function unixSocket({ name, ino = 0, peer = 0, state }: NonNullable<FileEntry['usk']>): Omit<NamedFile, 'type'> {
  const bound = Buffer.from(name ?? []).toString('utf8');
  const path = bound.startsWith('\0') ? `@${bound.slice(1)}` : bound.replace(/\0$/, '');
  return {
    name: path === '' ? socketName(ino) : printable(path),
    ...(state === LISTEN && { state: 'LISTEN' }),
    ...(peer !== 0 && { socket: socketName(ino), peer: socketName(peer) }),
  };
}

/** Formats an address with its port. CRIU stores the bytes of an address in 32-bit words. */
function endpoint(words: readonly number[], port: number): string {
  const bytes = Buffer.alloc(4 * Math.min(4, words.length));
  for (const [i, word] of words.slice(0, 4).entries()) bytes.writeUInt32LE(word, 4 * i);
  if (bytes.length === IPV4_BYTES) return `${bytes.join('.')}:${port}`;
  if (bytes.length !== IPV6_BYTES) return `?:${port}`;
  const groups = bytes.toString('hex').match(/.{4}/g) ?? [];
  return `[${new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address}]:${port}`;
}

function internetSocket(socket: NonNullable<FileEntry['isk']>): Omit<NamedFile, 'type'> {
  const { src_addr = [], src_port = 0, dst_addr = [], dst_port = 0, proto = 0, state = 0 } = socket;
  // Only TCP uses all states. A UDP socket is either connected or not.
  const shown = proto === TCP || state === CONNECTED ? STATES[state] : undefined;
  return {
    name: endpoint(src_addr, src_port),
    ...(dst_port !== 0 && { peer: endpoint(dst_addr, dst_port) }),
    protocol: PROTOCOLS[proto] ?? `protocol ${proto}`,
    ...(shown && { state: shown }),
  };
}

/** Returns an open file, and the id of the entry that contains its path. */
function namedFile(entry: FileEntry): NamedFile & { readonly pathOf?: number | undefined } {
  const { type = 'UND', id = 0, reg, pipe, isk, usk, tty, fifo, nlsk, nsf } = entry;
  if (reg) return { type, name: printable(reg.name ?? ''), position: String(reg.pos ?? 0) };
  if (isk) return { type, ...internetSocket(isk) };
  if (usk) return { type, ...unixSocket(usk) };
  if (pipe) return { type, name: `pipe:[${pipe.pipe_id ?? 0}]` };
  if (fifo) return { type, name: `pipe:[${fifo.pipe_id ?? 0}]`, pathOf: fifo.regf_id };
  if (tty) return { type, name: `tty ${tty.tty_info_id ?? 0}`, pathOf: tty.regf_id };
  if (nlsk) return { type, name: socketName(nlsk.ino ?? 0), protocol: `netlink ${nlsk.protocol ?? 0}` };
  if (nsf) return { type, name: `namespace ${nsf.ns_id ?? 0}` };
  return { type, name: ANONYMOUS[type] ?? `file ${id}` };
}

/**
 * Reads the table of open files.
 *
 * @returns the files by id
 */
export async function readOpenFiles(contents: Contents): Promise<ReadonlyMap<number, NamedFile>> {
  const read = new Map<number, ReturnType<typeof namedFile>>();
  for await (const entry of contents.messages('checkpoint/files.img', 'file_entry')) {
    if (read.size >= MAX_FILES) break;
    read.set(entry.id ?? 0, namedFile(entry));
  }
  const files = new Map<number, NamedFile>();
  for (const [id, { pathOf, ...file }] of read) {
    const path = pathOf === undefined ? undefined : read.get(pathOf);
    files.set(id, path?.type === 'REG' ? { ...file, name: path.name } : file);
  }
  return files;
}
