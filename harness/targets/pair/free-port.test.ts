// Ports that are free: not one that somebody listens at, and none that the system hands out.
import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from '@jest/globals';
import { freePort } from './free-port';

test('a port that somebody listens at is passed over', async () => {
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

test('it is none of those that the system hands out', async () => {
  expect(await freePort()).toBeLessThan(32_768);
});
