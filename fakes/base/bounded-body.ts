// Reads the bodies of HTTP requests, up to a limit.
import type { IncomingMessage } from 'node:http';

/** How long a client may continue to send a body that is too long, so that it can read the response, milliseconds. */
const LINGER_MS = 1000;

/**
 * Reads the body of a request. The rest of a body that is too long is discarded. If the client does not send the end of
 * that body soon, the connection is closed.
 * @param limit maximum size of the body, bytes
 * @returns the body; undefined if it is longer than the limit
 * @throws Error if the client disconnects
 */
export function boundedBody(incoming: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= limit) return void parts.push(part);
      parts.length = 0;
      incoming.removeAllListeners('data').resume();
      const timer = setTimeout(() => incoming.destroy(), LINGER_MS);
      incoming.once('close', () => clearTimeout(timer));
      resolve(undefined);
    });
    incoming.once('end', () => resolve(Buffer.concat(parts)));
    incoming.once('error', reject);
    incoming.once('close', () => reject(new Error('the client disconnected before the end of the body')));
  });
}
