// Makes the entries of unix sockets in the table of open files, as CRIU 4.2.1 writes them.

import { seedOf } from '../../base/random';
import type { SnapshotUnixSocket } from '../snapshot';
import type { ImageEntry } from './criu-image';
import { NETWORK_NAMESPACE, NO_OWNER, NO_TIMEOUTS } from './file-parts';
import { type MountTable, mountIdOf } from './mounts';

type FileEntry = ImageEntry<'files'>;

const STREAM = 1;
/** Numbers of socket states. Unix sockets use the numbers of TCP. */
const STATE = { established: 1, listen: 10 } as const;
const READ_WRITE = 2;
/** The mode of a socket that is created with the umask 022. */
const MODE = 0o140755;
/** The default options of a socket. */
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

/** Makes the entries of unix sockets. CRIU writes a connected socket only together with its peer. */
export class UnixSocketEntries {
  readonly #mounts: MountTable;
  /** The first inode number of sockets, above the inode numbers of pipes. */
  readonly #firstInode: number;
  /** Entries of sockets that wait for their peers, by the number of the peer. */
  readonly #waiting = new Map<number, FileEntry>();

  constructor(containerId: string, mounts: MountTable) {
    this.#mounts = mounts;
    this.#firstInode = 1_000_000 + (seedOf('sockets', containerId) % 900_000);
  }

  /**
   * Adds a socket. A listening socket is written at once. A connected socket is written when its peer is added.
   * @param id id of the socket's entry
   * @returns the entries to write now. If a socket is written with its peer, its own entry comes first
   */
  add(socket: SnapshotUnixSocket, id: number): readonly FileEntry[] {
    const entry = this.#entry(socket, id);
    if (socket.peer === undefined) return [entry];
    const first = this.#waiting.get(socket.number);
    if (first && this.#waiting.delete(socket.number)) return [entry, first];
    this.#waiting.set(socket.peer, entry);
    return [];
  }

  /** Returns the entries of connected sockets whose peers are not in the container. */
  unmatched(): readonly FileEntry[] {
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
      fown: NO_OWNER,
      opts: OPTIONS,
      name: Buffer.from(path === '' ? '' : `${path}\0`),
      ns_id: NETWORK_NAMESPACE,
      ...(path !== '' && { file_perms: { mode: MODE, uid: 0, gid: 0 }, mnt_id: mountIdOf(this.#mounts, path) }),
    };
    return { type: 'UNIXSK', id, usk };
  }
}
