// Finds a free port for a program that cannot report which port the system assigned.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

/**
 * The range of ports. It is below the range from which systems assign ports (32768 and up on Linux), so that no other
 * program gets the port in the meantime.
 */
const [FIRST, BEHIND] = [20_000, 32_000];
const TRIES = 20;

/** Returns whether no process listens on the port. */
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

/**
 * Returns a loopback port that was free a moment ago.
 *
 * @throws Error if no free port was found
 */
export async function freePort(choose = () => randomInt(FIRST, BEHIND)): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = choose();
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${BEHIND - 1} is free: ${TRIES} were tried`);
}
