// A unix socket that stands for a CRI endpoint and can be taken away: what goes in comes out at the endpoint.
import { once } from 'node:events';
import net from 'node:net';

/** `unix:///path`, a path, or `tcp://host:port`, as net connects to it. */
function connectOptions(endpoint: string): net.NetConnectOpts {
  if (!endpoint.startsWith('tcp://')) return { path: endpoint.replace(/^unix:(\/\/)?/, '') };
  const { hostname: host, port } = new URL(endpoint.replace('tcp:', 'http:'));
  return { host, port: Number(port) };
}

export class Relay implements AsyncDisposable {
  readonly #open = new Set<net.Socket>();
  #server: net.Server | undefined;

  private constructor(
    readonly path: string,
    readonly target: net.NetConnectOpts,
  ) {}

  /** Listens at `path`; its directory is there, and nothing of that name in it. */
  static async start(path: string, endpoint: string): Promise<Relay> {
    const relay = new Relay(path, connectOptions(endpoint));
    await relay.#listen();
    return relay;
  }

  get endpoint(): string {
    return `unix://${this.path}`;
  }

  /** Takes the socket away with every connection; what is returned brings it back. */
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
