// Reads CRI endpoints: `unix:///run/x.sock`, the path of a socket, or `tcp://host:port`.
import { stat } from 'node:fs/promises';
import { UserError } from '../../base/user-error';
import type { DialTarget } from '../../go/grpc/errors';

/** Linux's maximum length of a unix socket's path, bytes. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Reads a CRI endpoint.
 * @param endpoint a URL, or the path of a socket
 * @returns where to connect
 * @throws UserError if the text is not a CRI endpoint or the path is too long
 */
export function parseEndpoint(endpoint: string): DialTarget {
  const [, unix] = /^(?:unix:\/\/|unix:)?(\/.*)$/.exec(endpoint) ?? [];
  if (unix !== undefined) {
    const bytes = Buffer.byteLength(unix);
    if (bytes > MAX_SOCKET_PATH_BYTES) {
      throw new UserError(
        `The path of ${endpoint} has ${bytes} bytes, but the path of a unix socket can have at most ${MAX_SOCKET_PATH_BYTES}: choose a shorter one.`,
      );
    }
    return { network: 'unix', address: unix };
  }
  const [, tcp] = /^tcp:\/\/([^/]+:[0-9]+)$/.exec(endpoint) ?? [];
  if (tcp !== undefined) return { network: 'tcp', address: tcp };
  throw new UserError(`${endpoint} is not a CRI endpoint: give unix:///path/to/socket or tcp://host:port.`);
}

/**
 * Checks that the socket of a unix endpoint exists. Other endpoints are not checked.
 * @param endpoint the endpoint as the user gave it
 * @param target the same endpoint, parsed
 * @throws UserError if the file does not exist or is not a socket
 */
export async function requireSocket(endpoint: string, target: DialTarget): Promise<void> {
  if (target.network !== 'unix') return;
  const found = await stat(target.address).catch((error: NodeJS.ErrnoException) => error.code ?? 'EIO');
  if (typeof found === 'string') {
    const why = found === 'ENOENT' ? 'the file does not exist' : `the file cannot be examined (${found})`;
    throw new UserError(`No runtime answers at ${endpoint}: ${why}; start the runtime or correct the endpoint.`);
  }
  if (!found.isSocket()) throw new UserError(`${endpoint} is not a socket: give the CRI socket of a runtime.`);
}
