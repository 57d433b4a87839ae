// A port for somebody who cannot say which one the system chose.
import { once } from 'node:events';
import net from 'node:net';

/** A loopback port that was free just now. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
