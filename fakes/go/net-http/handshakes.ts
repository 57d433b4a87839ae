// Limits unfinished TLS handshakes in time and number, so that clients that never finish a handshake cannot use up file
// descriptors.
import type { Server, Socket } from 'node:net';
import type { TLSSocket, Server as TlsServer } from 'node:tls';

/** The limits of unfinished handshakes. */
export interface HandshakeLimits {
  /** How long a handshake may take from the start of the connection, milliseconds. */
  readonly ms: number;
  /** Maximum number of unfinished handshakes. If there are more, the oldest connection is closed. */
  readonly count: number;
}

const LIMITS: HandshakeLimits = { ms: 10_000, count: 512 };

const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

/**
 * Limits the unfinished handshakes of a server.
 *
 * @param server accepts the connections
 * @param secure performs the handshakes; it may be the same server
 */
export function limitHandshakes(server: Server, secure: TlsServer, { ms, count }: HandshakeLimits = LIMITS): void {
  const unfinished = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    const timer = setTimeout(() => unfinished.has(key) && socket.destroy(), ms);
    timer.unref();
    unfinished.set(key, socket);
    socket.once('close', () => {
      clearTimeout(timer);
      if (unfinished.get(key) === socket) unfinished.delete(key);
    });
    const [oldest] = unfinished.values();
    if (unfinished.size > count) oldest?.destroy();
  });
  secure.on('secureConnection', (socket: TLSSocket) => unfinished.delete(keyOf(socket)));
}
