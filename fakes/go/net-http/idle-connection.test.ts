// Tests that a listener closes only connections that wait too long for their next request.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { startListener } from './listener';

test('a connection is closed after its idle time, which begins with the first response', async () => {
  const listener = await startListener({
    address: '127.0.0.1',
    port: 0,
    now: () => 0,
    idleMs: 20,
    answerFor: () => async () => ({ status: 200, headers: [], body: 'ok' }),
  });
  const [silent, served] = [connect(listener.port, '127.0.0.1'), connect(listener.port, '127.0.0.1')];
  const closed = once(served, 'close');
  served.resume().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed;
  expect(silent.destroyed).toBe(false);
  silent.destroy();
  await listener.close();
});
