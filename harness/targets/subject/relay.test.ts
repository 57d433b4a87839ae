// Tests that the relay forwards bytes in both directions, and that cutting it closes its socket and its connections.
import { once } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Relay } from './relay';

let directory: string;
let echo: net.Server;

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-'));
  echo = net.createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  echo.listen(path.join(directory, 'echo.sock'));
  await once(echo, 'listening');
});
afterEach(async () => {
  echo.close();
  await fs.rm(directory, { recursive: true });
});

async function say(place: string, word: string): Promise<string> {
  const socket = net.connect(place);
  socket.write(word);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer);
}

test('a relay forwards to an IPv6 address', async () => {
  const distant = net.createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  distant.listen(0, '::1');
  await once(distant, 'listening');
  const address = distant.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await using relay = await Relay.start(path.join(directory, 'relay.sock'), `tcp://[::1]:${port}`);
  expect(await say(relay.path, 'one')).toBe('one');
  distant.close();
});

test('a cut relay has no socket until it is restored', async () => {
  await using relay = await Relay.start(path.join(directory, 'relay.sock'), `unix://${directory}/echo.sock`);
  expect(relay.endpoint).toBe(`unix://${directory}/relay.sock`);
  expect(await say(relay.path, 'one')).toBe('one');
  const kept = net.connect(relay.path);
  await once(kept, 'connect');
  const closed = once(kept, 'close');
  const restore = await relay.cut();
  await closed;
  await expect(say(relay.path, 'two')).rejects.toMatchObject({ code: 'ENOENT' });
  await restore();
  expect(await say(relay.path, 'three')).toBe('three');
});
