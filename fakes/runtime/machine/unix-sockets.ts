// Simulates the unix sockets of a container: listeners at paths, and connections.
import type { SnapshotUnixSocket } from '../../archive/snapshot';

/** A stream socket, without the descriptor of the process that holds it. */
export type UnixSocket = Omit<SnapshotUnixSocket, 'fd'>;

/** A function that receives the listener's end of a new connection. */
export type Accept = (socket: UnixSocket) => void;

export class UnixSockets {
  readonly #listeners = new Map<string, Accept>();
  #last = 0;

  /** Paths that are bound to a socket. */
  get paths(): ReadonlySet<string> {
    return new Set(this.#listeners.keys());
  }

  has(path: string): boolean {
    return this.#listeners.has(path);
  }

  /** Unbinds a path and returns whether it was bound. Existing connections stay open. */
  remove(path: string): boolean {
    return this.#listeners.delete(path);
  }

  /** Binds a new socket to a free path. The listener accepts every connection at once. */
  listen(path: string, backlog: number, accept: Accept): UnixSocket {
    this.#listeners.set(path, accept);
    return { number: this.#next(), path, backlog };
  }

  /** Connects to a path. Returns the client's end, or undefined if no socket listens there. */
  connect(path: string): UnixSocket | undefined {
    const accept = this.#listeners.get(path);
    if (!accept) return undefined;
    const [own, other] = [this.#next(), this.#next()];
    accept({ number: other, path, peer: own });
    return { number: own, path: '', peer: other };
  }

  /** Restores a socket from a checkpoint. */
  resume({ number, path, backlog }: UnixSocket, accept: Accept): void {
    this.#last = Math.max(this.#last, number);
    if (backlog !== undefined) this.#listeners.set(path, accept);
  }

  #next(): number {
    this.#last += 1;
    return this.#last;
  }
}
