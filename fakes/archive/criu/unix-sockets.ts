// Unix sockets in the table of open files, as CRIU 4.2.1 writes them.

import { seedOf } from '../../base/random';
import type { SnapshotUnixSocket } from '../snapshot';
import type { ImageEntry } from './criu-image';
import { NETWORK, NO_TIMEOUTS, NOBODY } from './file-parts';
import { type MountTable, mountIdOf } from './mounts';

type FileEntry = ImageEntry<'files'>;

const STREAM = 1;
/** States have the numbers of TCP's. */
const STATE = { established: 1, listen: 10 } as const;
const READ_WRITE = 2;
/** A socket, open to whom the umask 022 leaves it. */
const MODE = 0o140755;
/** What a socket has that nobody has set an option of. */
const OPTIONS = {
  so_sndbuf: 212992,
  so_rcvbuf: 212992,
  ...NO_TIMEOUTS,
  reuseaddr: false,
  so_priority: 0,
  so_rcvlowat: 1,
  so_passcred: false,
  so_passsec: false,
  so_dontroute: false,
  so_no_check: false,
  so_reuseport: false,
  so_broadcast: false,
  so_keepalive: false,
  so_oobinline: 0,
  so_buf_lock: 0,
} as const;

export class UnixSocketEntries {
  readonly #mounts: MountTable;
  /** Inode numbers are those of sockets behind this one; pipes have smaller ones. */
  readonly #firstInode: number;
  /** First ends of connections, by the number of the other end, which CRIU writes before them. */
  readonly #waiting = new Map<number, FileEntry>();

  constructor(containerId: string, mounts: MountTable) {
    this.#mounts = mounts;
    this.#firstInode = 1_000_000 + (seedOf('sockets', containerId) % 900_000);
  }

  /** The entries that a socket brings into the table when a process is found to hold it. */
  met(socket: SnapshotUnixSocket, id: number): readonly FileEntry[] {
    const entry = this.#entry(socket, id);
    if (socket.peer === undefined) return [entry];
    const first = this.#waiting.get(socket.number);
    if (first && this.#waiting.delete(socket.number)) return [entry, first];
    this.#waiting.set(socket.peer, entry);
    return [];
  }

  /** Ends whose other ends nobody in the container holds. */
  left(): readonly FileEntry[] {
    return [...this.#waiting.values()];
  }

  #entry({ number, path, backlog, peer }: SnapshotUnixSocket, id: number): FileEntry {
    const usk = {
      id,
      ino: this.#firstInode + number,
      type: STREAM,
      state: backlog === undefined ? STATE.established : STATE.listen,
      flags: READ_WRITE,
      uflags: 0,
      backlog: backlog ?? 0,
      peer: peer === undefined ? 0 : this.#firstInode + peer,
      fown: NOBODY,
      opts: OPTIONS,
      name: Buffer.from(path === '' ? '' : `${path}\0`),
      ns_id: NETWORK,
      ...(path !== '' && { file_perms: { mode: MODE, uid: 0, gid: 0 }, mnt_id: mountIdOf(this.#mounts, path) }),
    };
    return { type: 'UNIXSK', id, usk };
  }
}
