// Listens on a socket, with or without TLS, and serves its connections as Go's net/http does.
import { createServer, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { UserError } from '../../base/user-error';
import { type Framing, type HttpHandler, serveConnection } from './connection';
import { greet } from './greeting';
import { type HandshakeLimits, limitHandshakes } from './handshakes';

/** Settings of TLS. Certificates and keys are PEM. */
export interface TlsOptions {
  readonly certificate: string;
  readonly key: string;
  /**
   * The authorities that are sent to clients, so that they can choose a certificate. The listener itself does not
   * verify certificates.
   */
  readonly clientAuthorities: readonly string[];
  readonly minVersion: tls.SecureVersion;
  /** The cipher suites by their names in OpenSSL, joined by colons. Default: Node's cipher suites. */
  readonly ciphers?: string;
}

/** Settings of a listener. */
export interface ListenerOptions {
  readonly address: string;
  /** The port; 0 for any free port. */
  readonly port: number;
  /** Returns the handler for a connection. With TLS, the socket has the client's certificate. */
  readonly answerFor: (socket: tls.TLSSocket | Socket) => HttpHandler;
  /** Returns the time for the Date header, milliseconds since the epoch. */
  readonly now: () => number;
  /** Settings of TLS. Default: no TLS. */
  readonly tls?: TlsOptions;
  /** Changes the bytes of responses. Default: none. */
  readonly framing?: Framing;
  /** How long a connection may wait for its next request, milliseconds. Default: 90 s, as in the kubelet. */
  readonly idleMs?: number;
  /** Limits of unfinished TLS handshakes. Default: 10 s and 512. */
  readonly handshakes?: HandshakeLimits;
  /** Protocols for ALPN. Default: none, as in the kubelet. */
  readonly protocols?: readonly string[];
}

/** A listening socket. */
export interface HttpListener {
  readonly port: number;
  /** Changes the settings of TLS for new connections. */
  setTls(options: TlsOptions): void;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

const unchanged: Framing = (answer) => answer;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: choose another port, or 0 for any free one',
  EACCES: 'needs more permissions: choose a port above 1023, or 0 for any free one',
  EADDRNOTAVAIL: 'is not an address of this machine: choose another one',
};

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = REASONS[error.code ?? ''] ?? `cannot be used (${error.code}): choose another address or port`;
      reject(new UserError(`${address}:${port} ${reason}.`));
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
    // Accept connections with an invalid certificate, because the authentication responds to them with 401.
    rejectUnauthorized: false,
    allowHalfOpen: true,
    ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
  };
  const server = tls.createServer(options, serve);
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

/**
 * Starts a listener.
 *
 * @throws UserError if the address or the port cannot be used
 */
export async function startListener(options: ListenerOptions): Promise<HttpListener> {
  const open = new Set<Socket>();
  const { framing = unchanged, protocols = [], idleMs } = options;
  const serve = (socket: tls.TLSSocket | Socket) =>
    serveConnection(socket, options.answerFor(socket), options.now, framing, idleMs);
  const secure = options.tls && tlsServer(options.tls, protocols, serve);
  const server = createServer({ allowHalfOpen: true }, secure ? (socket) => greet(socket, secure, framing) : serve);
  if (secure) limitHandshakes(server, secure, options.handshakes);
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
