// Reads the unix sockets in a table of open files.
import type { CriuMessage } from '../../../proto/load';
import type { SnapshotUnixSocket } from '../snapshot';

const STREAM = 1;
const LISTEN = 10;

/** Returns the path to which a socket is bound; empty if it is not bound to a path. */
function pathOf(name: Uint8Array | undefined): string {
  const text = Buffer.from(name ?? []).toString();
  return text.startsWith('/') ? text.replace(/\0$/, '') : '';
}

type Socket = Omit<SnapshotUnixSocket, 'fd'>;

/**
 * Reads the sockets that can be restored: listening sockets, and connected sockets whose peer is also in the table.
 * @param files the table of open files
 * @returns the sockets by their ids in the table. Each socket also gets a number, counted from 1
 */
export function dumpedSockets(files: readonly CriuMessage<'file_entry'>[]): ReadonlyMap<number, Socket> {
  const all = files.flatMap(({ id = 0, usk }) => (usk?.type === STREAM ? [{ id, usk }] : []));
  const numbers = new Map(all.map(({ usk }, i) => [usk.ino ?? 0, i + 1]));
  const sockets = new Map<number, Socket>();
  for (const { id, usk } of all) {
    const socket = { number: numbers.get(usk.ino ?? 0) ?? 0, path: pathOf(usk.name) };
    const peer = numbers.get(usk.peer ?? 0);
    if (usk.state === LISTEN) sockets.set(id, { ...socket, backlog: usk.backlog ?? 0 });
    else if (peer !== undefined) sockets.set(id, { ...socket, peer });
  }
  return sockets;
}
