// Listens at the runtime's endpoint: a unix socket that only this user can open, or a loopback port.
import { chmodSync, existsSync, lstatSync, statSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { endpointUrl } from '../../base/endpoint-url';
import { UserError } from '../../base/user-error';

export interface Listener {
  /** `unix:///path` or `tcp://127.0.0.1:port`. */
  readonly endpoint: string;
  /** The number of open connections. */
  readonly connections: number;
  /** Closes every connection, and continues to accept new connections. */
  drop(): void;
  /** Stops listening, closes every connection and removes the socket. */
  close(): Promise<void>;
}

/** Maximum length of a socket's path, bytes. Linux's sockaddr_un contains 108 bytes, including a zero at the end. */
const MAX_SOCKET_PATH = 107;

/**
 * Listens at an endpoint. Replaces a socket that a dead process left behind.
 *
 * @param endpoint `unix:///path`, the path alone, or `tcp://host:port`
 * @param accept called with every new connection
 * @throws UserError if the endpoint cannot be used
 */
export async function listen(endpoint: string, accept: (socket: net.Socket) => void): Promise<Listener> {
  const uri = endpointUrl(endpoint);
  const target = uri.startsWith('unix:') ? await unixTarget(uri) : tcpTarget(uri);
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    accept(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new UserError(bindFailure(uri, error))));
    server.listen(target, resolve);
    // The socket exists when listen returns. If binding failed, an error event follows.
    if ('path' in target && server.listening) chmodSync(target.path, 0o600);
  });
  const address = server.address();
  const bound =
    'path' in target || address === null || typeof address === 'string'
      ? uri
      : `tcp://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: bound,
    get connections() {
      return sockets.size;
    },
    drop,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        drop();
      }),
  };
}

function bindFailure(uri: string, { code, message }: NodeJS.ErrnoException): string {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'it is in use; stop the process that uses it, or choose another endpoint',
    EACCES: 'this user has no permission to create it; choose another endpoint',
  };
  return `cannot listen at ${uri}: ${why[code ?? ''] ?? message}`;
}

function tcpTarget(uri: string): { host: string; port: number } {
  const match = /^tcp:\/\/(?:\[([0-9a-fA-F:]+)\]|([^:/]+)):(\d{1,5})$/.exec(uri);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new UserError(`cannot listen at ${uri}: write unix:///path/of/socket or tcp://127.0.0.1:PORT`);
  }
  if (host !== 'localhost' && host !== '::1' && !/^127(\.\d{1,3}){3}$/.test(host)) {
    throw new UserError(`cannot listen at ${uri}: the runtime has no authentication, so use a loopback address`);
  }
  return { host, port };
}

async function unixTarget(uri: string): Promise<{ path: string }> {
  const file = uri.replace(/^unix:(\/\/)?/, '');
  if (!path.isAbsolute(file)) {
    throw new UserError(`cannot listen at ${uri}: write an absolute path, as in unix:///run/ckptest.sock`);
  }
  const bytes = Buffer.byteLength(file);
  if (bytes > MAX_SOCKET_PATH) {
    throw new UserError(
      `cannot listen at ${uri}: a socket path has at most ${MAX_SOCKET_PATH} bytes and this one ${bytes}; choose a shorter one`,
    );
  }
  // Check the directory first: libuv reports a missing directory as a missing permission.
  const directory = path.dirname(file);
  if (!existsSync(directory)) {
    throw new UserError(`cannot listen at ${uri}: its directory does not exist; create it first`);
  }
  if (!statSync(directory).isDirectory()) {
    throw new UserError(`cannot listen at ${uri}: its directory is not a directory; choose another path`);
  }
  const existing = lstatSync(file, { throwIfNoEntry: false });
  if (!existing) return { path: file };
  if (!existing.isSocket()) {
    throw new UserError(`cannot listen at ${uri}: the file exists and is not a socket; choose another path`);
  }
  if (await isServed(file)) {
    throw new UserError(
      `cannot listen at ${uri}: a running process serves it; stop that process, or choose another path`,
    );
  }
  unlinkSync(file);
  return { path: file };
}

/** Returns whether a process accepts connections at a socket. */
function isServed(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect({ path: file });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
  });
}
