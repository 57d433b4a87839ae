// A port for somebody who cannot say which one the system chose.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

/** Below the ports that systems hand out by themselves (Linux from 32768 on): nobody is given one of these meanwhile. */
const [FIRST, BEHIND] = [20_000, 32_000];
const TRIES = 20;

/** Whether nobody listens at the port. */
async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}

/** A loopback port that was free just now. Rejects where none could be found. */
export async function freePort(choose = () => randomInt(FIRST, BEHIND)): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = choose();
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${BEHIND - 1} is free: ${TRIES} were tried`);
}
