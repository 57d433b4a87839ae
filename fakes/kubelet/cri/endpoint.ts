// CRI endpoints as people write them: `unix:///run/x.sock`, a bare path, or `tcp://host:port`.
import { stat } from 'node:fs/promises';
import { UserError } from '../../base/user-error';
import type { DialTarget } from '../../go/grpc/errors';

/** A unix socket path has at most so many bytes on Linux. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Reads an endpoint. Throws UserError where it is none. */
export function parseEndpoint(endpoint: string): DialTarget {
  const [, unix] = /^(?:unix:\/\/|unix:)?(\/.*)$/.exec(endpoint) ?? [];
  if (unix !== undefined) {
    const bytes = Buffer.byteLength(unix);
    if (bytes > MAX_SOCKET_PATH_BYTES) {
      throw new UserError(
        `The path of ${endpoint} has ${bytes} bytes, and a unix socket has at most ${MAX_SOCKET_PATH_BYTES}: choose a shorter one.`,
      );
    }
    return { network: 'unix', address: unix };
  }
  const [, tcp] = /^tcp:\/\/([^/]+:[0-9]+)$/.exec(endpoint) ?? [];
  if (tcp !== undefined) return { network: 'tcp', address: tcp };
  throw new UserError(`${endpoint} is no CRI endpoint: give unix:///path/to/socket or tcp://host:port.`);
}

/** Throws UserError unless a unix endpoint is a socket that is there; says nothing of TCP. */
export async function requireSocket(endpoint: string, target: DialTarget): Promise<void> {
  if (target.network !== 'unix') return;
  const found = await stat(target.address).catch((error: NodeJS.ErrnoException) => error.code ?? 'EIO');
  if (typeof found === 'string') {
    const why = found === 'ENOENT' ? 'there is no such file' : `the file cannot be looked at (${found})`;
    throw new UserError(`No runtime answers at ${endpoint}: ${why}; start the runtime or correct the endpoint.`);
  }
  if (!found.isSocket()) throw new UserError(`${endpoint} is not a socket: give the CRI socket of a runtime.`);
}
