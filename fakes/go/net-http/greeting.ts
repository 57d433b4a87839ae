// The first bytes on the TLS port: TLS, a client that forgot it, or something else; told apart as Go's server does.
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Framing } from './connection';

/** What a client that forgot TLS is told. */
const NOT_TLS = Buffer.from('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');

/** A TLS record begins with so many bytes, by which Go judges. */
const RECORD_HEADER_BYTES = 5;
/** The first bytes of a request by which Go knows that it is one. */
const REQUESTS: ReadonlySet<string> = new Set(['GET /', 'HEAD ', 'POST ', 'PUT /', 'OPTIO']);
/** Types of records with which TLS may begin: alert, handshake, and a greeting of SSL 2. */
const FIRST_TYPES: ReadonlySet<number> = new Set([0x15, 0x16, 0x80]);
/** No version of TLS comes near it. */
const ODD_VERSION = 0x10;

/** Hands a connection to TLS, or ends it with what Go says to such clients. */
export function greet(socket: Socket, secure: Server, framing: Framing): void {
  socket.on('error', () => socket.destroy());
  const look = () => {
    const first: unknown = socket.read(RECORD_HEADER_BYTES);
    if (!Buffer.isBuffer(first)) return void (socket.readableEnded ? socket.destroy() : socket.once('readable', look));
    if (REQUESTS.has(first.toString('latin1'))) return void socket.end(framing(NOT_TLS), () => socket.destroy());
    const [type = 0, version = 0] = first;
    if (!FIRST_TYPES.has(type) || version >= ODD_VERSION) return void socket.destroy();
    socket.unshift(first);
    secure.emit('connection', socket);
  };
  socket.once('readable', look);
  socket.once('end', () => socket.destroy());
}
