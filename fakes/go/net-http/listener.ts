// A listening socket, with TLS or without; each connection is served as Go would.
import { createServer, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { UserError } from '../../base/user-error';
import { type Framing, type HttpHandler, serveConnection } from './connection';
import { greet } from './greeting';

/** How TLS is spoken: PEM throughout. */
export interface TlsOptions {
  readonly certificate: string;
  readonly key: string;
  /** Named to clients, so that they can choose; whom to trust is judged elsewhere. */
  readonly clientAuthorities: readonly string[];
  readonly minVersion: tls.SecureVersion;
  /** OpenSSL's names, joined by colons; undefined: Node's own choice. */
  readonly ciphers?: string;
}

export interface ListenerOptions {
  readonly address: string;
  /** 0: any. */
  readonly port: number;
  /** What answers on one connection; `socket` says who is at its other end where there is TLS. */
  readonly answerFor: (socket: tls.TLSSocket | Socket) => HttpHandler;
  readonly now: () => number;
  readonly tls?: TlsOptions;
  /** Default: bytes go out as they are. */
  readonly framing?: Framing;
  /** What is agreed to in ALPN; default: nothing, as a kubelet. */
  readonly protocols?: readonly string[];
}

export interface HttpListener {
  readonly port: number;
  /** Holds for connections from now on. */
  setTls(options: TlsOptions): void;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

const unchanged: Framing = (answer) => answer;

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: choose another port, or 0 for any',
  EACCES: 'may not be listened on: choose a port above 1023, or 0 for any',
  EADDRNOTAVAIL: 'is not an address of this machine: choose another one',
};

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = WHY_NOT[error.code ?? ''] ?? `cannot be listened on (${error.code}): choose another address or port`;
      reject(new UserError(`${address}:${port} ${why}.`));
    });
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? bound.port : port);
    });
  });
}

const contextOf = ({ certificate, key, clientAuthorities, minVersion, ciphers }: TlsOptions) => ({
  cert: certificate,
  key,
  ca: [...clientAuthorities],
  minVersion,
  ...(ciphers && { ciphers }),
});

function tlsServer(own: TlsOptions, protocols: readonly string[], serve: (socket: tls.TLSSocket) => void): tls.Server {
  const options: tls.TlsOptions = {
    ...contextOf(own),
    requestCert: true,
    // A wrong certificate is the business of authentication, which answers it with 401.
    rejectUnauthorized: false,
    allowHalfOpen: true,
    ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
  };
  const server = tls.createServer(options, serve);
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

/** Starts to listen. Throws UserError where address and port cannot be had. */
export async function startListener(options: ListenerOptions): Promise<HttpListener> {
  const open = new Set<Socket>();
  const { framing = unchanged, protocols = [] } = options;
  const serve = (socket: tls.TLSSocket | Socket) =>
    serveConnection(socket, options.answerFor(socket), options.now, framing);
  const secure = options.tls && tlsServer(options.tls, protocols, serve);
  const server = createServer({ allowHalfOpen: true }, secure ? (socket) => greet(socket, secure, framing) : serve);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => open.delete(socket));
  });
  const port = await listen(server, options.address, options.port);
  return {
    port,
    setTls: (changed) => secure?.setSecureContext(contextOf(changed)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
