// Keeps the unix sockets of one process by file descriptor.
import type { Machine } from '../machine/machine';
import type { UnixSocket } from '../machine/unix-sockets';
import type { Sinks } from './output';

/** The first file descriptor of a process's own files. Smaller descriptors are the standard streams. */
const FIRST_OWN = 3;

type Held = readonly (readonly [fd: number, socket: UnixSocket])[];

const NONE: Held = [];

export class HeldSockets {
  readonly #machine: Machine;
  // The sockets by file descriptor. The map is created with the first socket, because most processes have none.
  #all: Map<number, UnixSocket> | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get all(): Held {
    return this.#all ? [...this.#all] : NONE;
  }

  /** Assigns the smallest free descriptor to a socket. */
  #hold(socket: UnixSocket, sinks: Sinks): void {
    this.#all ??= new Map();
    let fd = FIRST_OWN;
    while (this.#all.has(fd) || sinks.has(fd)) fd += 1;
    this.#all.set(fd, socket);
  }

  /**
   * Listens on a path and accepts connections.
   * @returns an error message of the C library if listening fails
   */
  listen(path: string, backlog: number, sinks: Sinks): string | undefined {
    const { sockets, surroundings: around } = this.#machine;
    if (this.#machine.exists(path)) return 'Address already in use';
    if (around.isReadOnly(path)) return 'Read-only file system';
    this.#hold(
      sockets.listen(path, backlog, (socket) => this.#hold(socket, sinks)),
      sinks,
    );
    return undefined;
  }

  /**
   * Connects to the listener on a path.
   * @returns an error message of the C library if nothing listens there
   */
  connect(path: string, sinks: Sinks): string | undefined {
    const socket = this.#machine.sockets.connect(path);
    if (!socket) return this.#machine.exists(path) ? 'Connection refused' : 'No such file or directory';
    this.#hold(socket, sinks);
    return undefined;
  }

  resume(held: Held, sinks: Sinks): void {
    if (held.length === 0) return;
    this.#all = new Map(held);
    for (const [, socket] of held) this.#machine.sockets.resume(socket, (other) => this.#hold(other, sinks));
  }
}
