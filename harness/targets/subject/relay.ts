// Forwards connections from a unix socket to a CRI endpoint. The socket can be removed, as if the runtime had stopped.
import { once } from 'node:events';
import net from 'node:net';

/** Converts `unix:///path`, a path or `tcp://host:port` to the options of net.connect. */
function connectOptions(endpoint: string): net.NetConnectOpts {
  if (!endpoint.startsWith('tcp://')) return { path: endpoint.replace(/^unix:(\/\/)?/, '') };
  const [, host = '', port] = /^tcp:\/\/(.*):(\d+)$/.exec(endpoint) ?? [];
  // Node needs an IPv6 address without brackets.
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

export class Relay implements AsyncDisposable {
  readonly #open = new Set<net.Socket>();
  #server: net.Server | undefined;

  private constructor(
    readonly path: string,
    readonly target: net.NetConnectOpts,
  ) {}

  /**
   * Listens at a path.
   *
   * @param path path of the new socket, in an existing directory
   * @param endpoint CRI endpoint to forward to
   */
  static async start(path: string, endpoint: string): Promise<Relay> {
    const relay = new Relay(path, connectOptions(endpoint));
    await relay.#listen();
    return relay;
  }

  get endpoint(): string {
    return `unix://${this.path}`;
  }

  /**
   * Closes the socket and every connection.
   *
   * @returns a function that opens the socket again
   */
  async cut(): Promise<() => Promise<void>> {
    await this[Symbol.asyncDispose]();
    return () => this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  async #listen(): Promise<void> {
    if (this.#server) return;
    const server = net.createServer((near) => this.#join(near, net.connect(this.target)));
    this.#server = server;
    server.listen(this.path);
    await once(server, 'listening');
  }

  #join(near: net.Socket, far: net.Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(one);
      one.pipe(other);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        this.#open.delete(one);
        other.destroy();
      });
    }
  }
}
