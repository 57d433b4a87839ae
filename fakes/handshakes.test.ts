// Tests that connections without a finished handshake are closed after a time, or if there are too many of them, and
// that other connections are served.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { HandshakeLimits } from './go/net-http/handshakes';
import { type HttpListener, startListener } from './go/net-http/listener';
import { makeCertificates } from './pki/certificates';

let listener: HttpListener;
let authority: string;
const clients: net.Socket[] = [];

async function start(handshakes: HandshakeLimits): Promise<void> {
  const { serving, authority: ca } = await makeCertificates(['127.0.0.1'], []);
  authority = ca;
  listener = await startListener({
    address: '127.0.0.1',
    port: 0,
    answerFor: () => async () => ({ status: 200, headers: [], body: 'served' }),
    now: () => 0,
    handshakes,
    tls: { certificate: serving.certificate, key: serving.key, clientAuthorities: [], minVersion: 'TLSv1.2' },
  });
}
beforeEach(() => {
  clients.length = 0;
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await listener.close();
});

function client(start = ''): net.Socket {
  const socket = net.connect(listener.port, '127.0.0.1');
  clients.push(socket);
  socket.on('error', () => {}).resume();
  socket.write(Buffer.from(start, 'latin1'));
  return socket;
}

async function served(): Promise<string> {
  const socket = tls.connect({ host: '127.0.0.1', port: listener.port, ca: authority });
  clients.push(socket);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = await once(socket, 'data');
  return String(answer);
}

test.each([
  ['that is silent', ''],
  ['that stops during its first message', '\x16\x03\x01\x02\x00\x01'],
])('a connection %s is closed', async (_, bytes) => {
  await start({ ms: 50, count: 10 });
  await once(client(bytes), 'close');
});

test('a connection with a finished handshake may take its time', async () => {
  await start({ ms: 50, count: 10 });
  const socket = tls.connect({ host: '127.0.0.1', port: listener.port, ca: authority });
  clients.push(socket);
  await once(socket, 'secureConnect');
  await once(client(), 'close');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
});

test('of too many connections the oldest are closed, and a new client is served', async () => {
  await start({ ms: 600_000, count: 10 });
  const silent = Array.from({ length: 30 }, () => client());
  await Promise.all(silent.slice(0, 15).map((socket) => socket.closed || once(socket, 'close')));
  expect(await served()).toMatch(/^HTTP\/1\.1 200 /);
  expect(silent.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(10);
});
