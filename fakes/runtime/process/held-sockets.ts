// The unix sockets that one process holds, by its file descriptors.
import type { Machine } from '../machine/machine';
import type { UnixSocket } from '../machine/unix-sockets';
import type { Sinks } from './output';

/** The three below are the standard streams. */
const FIRST_OWN = 3;

type Held = readonly (readonly [fd: number, socket: UnixSocket])[];

const NONE: Held = [];

export class HeldSockets {
  readonly #machine: Machine;
  // Made with the first socket: most processes have none.
  #all: Map<number, UnixSocket> | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get all(): Held {
    return this.#all ? [...this.#all] : NONE;
  }

  /** Holds a socket under the smallest descriptor that is free. */
  #hold(socket: UnixSocket, sinks: Sinks): void {
    this.#all ??= new Map();
    let fd = FIRST_OWN;
    while (this.#all.has(fd) || sinks.has(fd)) fd += 1;
    this.#all.set(fd, socket);
  }

  /** Waits for connections at a path, and takes them. A sentence of C's library where it cannot. */
  listen(path: string, backlog: number, sinks: Sinks): string | undefined {
    const { sockets, around } = this.#machine;
    if (this.#machine.isThere(path)) return 'Address already in use';
    if (around.isReadOnly(path)) return 'Read-only file system';
    this.#hold(
      sockets.listen(path, backlog, (socket) => this.#hold(socket, sinks)),
      sinks,
    );
    return undefined;
  }

  /** Connects to whoever listens at a path. A sentence of C's library where nobody does. */
  connect(path: string, sinks: Sinks): string | undefined {
    const socket = this.#machine.sockets.connect(path);
    if (!socket) return this.#machine.isThere(path) ? 'Connection refused' : 'No such file or directory';
    this.#hold(socket, sinks);
    return undefined;
  }

  resume(held: Held, sinks: Sinks): void {
    if (held.length === 0) return;
    this.#all = new Map(held);
    for (const [, socket] of held) this.#machine.sockets.resume(socket, (other) => this.#hold(other, sinks));
  }
}
