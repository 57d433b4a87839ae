// Detects the protocol of a client on a TLS port by its first bytes, as Go's server does: TLS, plain HTTP, or neither.
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Framing } from './connection';

/** The response to a client that uses HTTP without TLS. */
const NOT_TLS = Buffer.from('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');

/** Length of the header of a TLS record, bytes. Go examines only this header. */
const RECORD_HEADER_BYTES = 5;
/** The first bytes that Go recognizes as an HTTP request. */
const REQUESTS: ReadonlySet<string> = new Set(['GET /', 'HEAD ', 'POST ', 'PUT /', 'OPTIO']);
/** Record types with which a TLS connection may begin: alert, handshake, and the handshake of SSL 2. */
const FIRST_TYPES: ReadonlySet<number> = new Set([0x15, 0x16, 0x80]);
/** Go refuses records with this major version or a later one. */
const INVALID_MAJOR_VERSION = 0x10;

/**
 * Passes a connection on to the TLS server, or closes it as Go does.
 *
 * @param secure the TLS server that performs the handshake
 * @param framing changes the bytes of the response to plain HTTP
 */
export function greet(socket: Socket, secure: Server, framing: Framing): void {
  socket.on('error', () => socket.destroy());
  const examine = () => {
    const first: unknown = socket.read(RECORD_HEADER_BYTES);
    if (!Buffer.isBuffer(first))
      return void (socket.readableEnded ? socket.destroy() : socket.once('readable', examine));
    if (REQUESTS.has(first.toString('latin1'))) return void socket.end(framing(NOT_TLS), () => socket.destroy());
    const [type = 0, majorVersion = 0] = first;
    if (!FIRST_TYPES.has(type) || majorVersion >= INVALID_MAJOR_VERSION) return void socket.destroy();
    socket.unshift(first);
    secure.emit('connection', socket);
  };
  socket.once('readable', examine);
  socket.once('end', () => socket.destroy());
}
