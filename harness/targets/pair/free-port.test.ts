// Tests that a free port is one on which no process listens and that the system does not assign to other programs.
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
