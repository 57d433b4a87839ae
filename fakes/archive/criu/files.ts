// Makes the table of open files, working directories and root directories. Also makes the images that list, for each
// process, its entries in the table.

import { seedOf } from '../../base/random';
import type { ContainerSnapshot, ListeningSocket, OpenFile, SnapshotProcess, SnapshotUnixSocket } from '../snapshot';
import { type ImageEntry, image } from './criu-image';
import { NETWORK_NAMESPACE, NO_OWNER, NO_TIMEOUTS } from './file-parts';
import { type MountTable, mountIdOf } from './mounts';
import { UnixSocketEntries } from './unix-sockets';

type FileEntry = ImageEntry<'files'>;
type FdEntry = ImageEntry<'fdinfo'>;

const OPEN = { readOnly: 0, writeOnly: 1, readWrite: 2, append: 0x400, largeFile: 0x8000 } as const;
const MODE = { executable: 0o100755, regular: 0o100644, nullDevice: 0o20666 } as const;
const DIRECTORY = 0o40755;
const NULL_DEVICE = '/dev/null';

/** The executable of every process: the program of the busybox image. */
const EXECUTABLE = {
  name: '/bin/busybox',
  size: 2063232,
  build_id: [272946708, 369472477, 4290025297, 2120345592, 2486027813],
};
/** Id of the executable, which is the first entry of the table. */
export const EXECUTABLE_ID = 1;

/** The images of everything that the processes of a container have open. */
export interface FileTable {
  /** The content of `files.img`. */
  readonly image: Buffer;
  /** The images of each process, in the order of the processes. */
  readonly processes: readonly {
    /** The content of `fdinfo-N.img`. */
    readonly descriptors: Buffer;
    /** The content of `fs-N.img`. */
    readonly fileSystem: Buffer;
  }[];
  /** The standard streams of the first process, which the OCI runtime writes to `descriptors.json`. */
  readonly standardStreams: readonly string[];
}

/**
 * Returns a text that is equal for descriptors of the same open file. If two processes have the same descriptor, path
 * and offset, they share one open file, which the child inherited.
 */
const identity = (file: OpenFile) => `${file.fd}\0${file.position}\0${file.path}`;

const INET = 2;
const STREAM = 1;
const TCP = 6;
const TCP_LISTEN = 10;
const BACKLOG = 128;
const BUFFERS = { so_sndbuf: 16384, so_rcvbuf: 131072 } as const;

/** Converts an address to CRIU's form: its bytes in network order, read as a little-endian number. */
const addressWord = (dotted: string) => Buffer.from(dotted.split('.').map(Number)).readUInt32LE();

function listener({ address, port }: ListeningSocket, id: number, ino: number): NonNullable<FileEntry['isk']> {
  return {
    id,
    ino,
    family: INET,
    type: STREAM,
    proto: TCP,
    state: TCP_LISTEN,
    src_port: port,
    dst_port: 0,
    flags: OPEN.readWrite,
    backlog: BACKLOG,
    src_addr: [addressWord(address)],
    dst_addr: [0],
    fown: NO_OWNER,
    opts: { ...BUFFERS, ...NO_TIMEOUTS },
    ns_id: NETWORK_NAMESPACE,
  };
}

/**
 * Makes the table of open files.
 *
 * @param rootMode mode of the container's root directory, with its file type
 */
export function fileTable(snapshot: ContainerSnapshot, mounts: MountTable, rootMode: number): FileTable {
  const entries: FileEntry[] = [];
  let last = 0;
  const nextId = () => {
    last += 1;
    return last;
  };
  const sockets = new UnixSocketEntries(snapshot.containerId, mounts);
  const inherited = new Map<string, number>();
  const pipe = 100_000 + (seedOf('pipes', snapshot.containerId) % 900_000);
  const sizes = new Map(snapshot.changedFiles.map((file) => [file.path, file.content?.length]));

  const regular = (name: string, more: Omit<NonNullable<FileEntry['reg']>, 'id' | 'name' | 'mnt_id'>): number => {
    const id = nextId();
    const reg = { id, flags: OPEN.readOnly, pos: 0, fown: NO_OWNER, name, mnt_id: mountIdOf(mounts, name), ...more };
    entries.push({ type: 'REG', id, reg });
    return id;
  };
  const once = (key: string, add: () => number): number => {
    const id = inherited.get(key) ?? add();
    inherited.set(key, id);
    return id;
  };
  const stream = (fd: 1 | 2): FdEntry => {
    const id = once(`pipe ${fd}`, () => {
      const next = nextId();
      const flags = OPEN.writeOnly;
      entries.push({ type: 'PIPE', id: next, pipe: { id: next, pipe_id: pipe + fd, flags, fown: NO_OWNER } });
      return next;
    });
    return { id, flags: 0, type: 'PIPE', fd };
  };
  const opened = (file: OpenFile): FdEntry => ({
    id: once(identity(file), () =>
      regular(file.path, {
        flags: (file.append ? OPEN.writeOnly | OPEN.append : OPEN.readWrite) | OPEN.largeFile,
        pos: file.position,
        ...(file.path === NULL_DEVICE
          ? { mode: MODE.nullDevice }
          : { size: sizes.get(file.path) ?? file.position, mode: MODE.regular }),
      }),
    ),
    flags: 0,
    type: 'REG',
    fd: file.fd,
  });
  const listening = (socket: ListeningSocket): FdEntry => ({
    id: once(`socket ${socket.fd} ${socket.address} ${socket.port}`, () => {
      const id = nextId();
      entries.push({ type: 'INETSK', id, isk: listener(socket, id, pipe + id + 2) });
      return id;
    }),
    flags: 0,
    type: 'INETSK',
    fd: socket.fd,
  });
  const unix = (socket: SnapshotUnixSocket): FdEntry => ({
    id: once(`unix ${socket.number}`, () => {
      const id = nextId();
      entries.push(...sockets.add(socket, id));
      return id;
    }),
    flags: 0,
    type: 'UNIXSK',
    fd: socket.fd,
  });
  const descriptors = (process: SnapshotProcess): FdEntry[] => {
    const { openFiles, listening: inet = [], unixSockets = [] } = process;
    const own = new Set([...openFiles, ...inet, ...unixSockets].map(({ fd }) => fd));
    const standard = [
      ...(own.has(0) ? [] : [opened({ fd: 0, path: NULL_DEVICE, position: 0 })]),
      ...([1, 2] as const).filter((fd) => !own.has(fd)).map(stream),
    ];
    const open = [...standard, ...openFiles.map(opened), ...inet.map(listening), ...unixSockets.map(unix)];
    return open.sort((a, b) => (a.fd ?? 0) - (b.fd ?? 0));
  };

  regular(EXECUTABLE.name, { size: EXECUTABLE.size, mode: MODE.executable, build_id: EXECUTABLE.build_id });
  const held = snapshot.processes.map(descriptors);
  entries.push(...sockets.unmatched());
  const directory = (path: string) => regular(path, { mode: path === '/' ? rootMode : DIRECTORY });
  const directories = snapshot.processes.map(() => ({
    cwd_id: directory(snapshot.workingDirectory || '/'),
    root_id: directory('/'),
    umask: 0o22,
  }));
  return {
    image: image('files', entries),
    processes: snapshot.processes.map((_, i) => ({
      descriptors: image('fdinfo', held[i] ?? []),
      fileSystem: image('fs', directories.slice(i, i + 1)),
    })),
    standardStreams: [NULL_DEVICE, `pipe:[${pipe + 1}]`, `pipe:[${pipe + 2}]`],
  };
}
