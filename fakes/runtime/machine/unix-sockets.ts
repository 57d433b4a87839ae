// The unix sockets of a container: who waits for connections at which path, and what is connected with what.
import type { SnapshotUnixSocket } from '../../archive/snapshot';

/** A stream socket, whoever holds it. */
export type UnixSocket = Omit<SnapshotUnixSocket, 'fd'>;

/** Takes the container's end of a new connection. */
export type Accept = (socket: UnixSocket) => void;

export class UnixSockets {
  readonly #listeners = new Map<string, Accept>();
  #last = 0;

  /** Paths at which there is a socket. */
  get paths(): ReadonlySet<string> {
    return new Set(this.#listeners.keys());
  }

  has(path: string): boolean {
    return this.#listeners.has(path);
  }

  /** Whether there was a socket at this path. Nobody finds it any more; what is connected stays so. */
  remove(path: string): boolean {
    return this.#listeners.delete(path);
  }

  /** Binds a new socket to a path that is free. Every connection is taken at once. */
  listen(path: string, backlog: number, accept: Accept): UnixSocket {
    this.#listeners.set(path, accept);
    return { number: this.#next(), path, backlog };
  }

  /** One end of a new connection, whose other end the listener has taken; undefined where nobody listens at this path. */
  connect(path: string): UnixSocket | undefined {
    const accept = this.#listeners.get(path);
    if (!accept) return undefined;
    const [own, other] = [this.#next(), this.#next()];
    accept({ number: other, path, peer: own });
    return { number: own, path: '', peer: other };
  }

  /** Takes up a socket that was there before. */
  resume({ number, path, backlog }: UnixSocket, accept: Accept): void {
    this.#last = Math.max(this.#last, number);
    if (backlog !== undefined) this.#listeners.set(path, accept);
  }

  #next(): number {
    this.#last += 1;
    return this.#last;
  }
}
