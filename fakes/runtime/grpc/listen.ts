// Binds the runtime's endpoint: a unix socket for this user alone, or a loopback port.
import { chmodSync, existsSync, lstatSync, statSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { UserError } from '../../base/user-error';

export interface Listener {
  /** As clients name it: `unix:///path` or `tcp://127.0.0.1:port`. */
  readonly endpoint: string;
  /** Connections that are open. */
  readonly connections: number;
  /** Cuts every connection; new ones are taken. */
  drop(): void;
  /** Stops listening, cuts every connection, takes the socket away. */
  close(): Promise<void>;
}

/** sockaddr_un holds 108 bytes, the last one a zero. */
const MAX_SOCKET_PATH = 107;

/**
 * Listens at `unix:///path` or `tcp://host:port` and hands every connection over. Throws a UserError for an endpoint
 * that cannot be used; a socket that a dead process left behind is replaced.
 */
export async function listen(uri: string, accept: (socket: net.Socket) => void): Promise<Listener> {
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
    // The socket exists as soon as listen returns, or an error is on its way.
    if ('path' in target && server.listening) chmodSync(target.path, 0o600);
  });
  const address = server.address();
  const endpoint =
    'path' in target || address === null || typeof address === 'string'
      ? uri
      : `tcp://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint,
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
    EADDRINUSE: 'it is in use; stop what uses it or choose another one',
    EACCES: 'this user may not create it there; choose another one',
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
    throw new UserError(`cannot listen at ${uri}: a runtime has no passwords, so use a loopback address`);
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
  // Asked before the system is: libuv reports a missing directory as one without permission.
  const directory = path.dirname(file);
  if (!existsSync(directory)) {
    throw new UserError(`cannot listen at ${uri}: its directory does not exist; create it first`);
  }
  if (!statSync(directory).isDirectory()) {
    throw new UserError(`cannot listen at ${uri}: its directory is not a directory; choose another path`);
  }
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (!there) return { path: file };
  if (!there.isSocket()) {
    throw new UserError(`cannot listen at ${uri}: something that is not a socket is there; choose another path`);
  }
  if (await answers(file)) {
    throw new UserError(`cannot listen at ${uri}: a running process serves it; stop that one or choose another path`);
  }
  unlinkSync(file);
  return { path: file };
}

/** True where a process accepts connections at a socket. */
function answers(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect({ path: file });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
  });
}
