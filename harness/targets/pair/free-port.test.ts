// Tests that no process listens on the returned port, and that the port is outside the range from which systems assign
// ports.
import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from '@jest/globals';
import { freePort } from './free-port';

test('a port that another process listens on is skipped', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  const free = await freePort();
  const choices = [taken, taken, free];
  expect(await freePort(() => choices.shift() ?? 0)).toBe(free);
  await expect(freePort(() => taken)).rejects.toThrow(/is free: 20 were tried/);
  server.close();
});

test('it is outside the range that the system assigns from', async () => {
  expect(await freePort()).toBeLessThan(32_768);
});
