// Tests the token of the control address: which requests need it, and what it allows.
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { UserError } from '../../base/user-error';
import { startFakeRuntime } from '../runtime';

let directory: string;
const inDirectory = (name: string) => path.join(directory, name);

beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(tmpdir(), 'control-token-'));
  await fs.writeFile(inDirectory('token'), 'secret-1\n');
  await fs.writeFile(inDirectory('empty'), '\n');
  await fs.writeFile(inDirectory('two'), 'a\nb\n');
});
afterAll(() => fs.rm(directory, { recursive: true }));

async function statusOf(port: string, headers: OutgoingHttpHeaders): Promise<number | undefined> {
  const sent = request({ host: '127.0.0.1', port, path: '/state', headers }).end();
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  answer?.resume();
  return answer?.statusCode;
}

test('an address beyond loopback answers only requests with the token, under any host name', async () => {
  await using runtime = await startFakeRuntime({
    controlAddress: '0.0.0.0:0',
    controlTokenFile: inDirectory('token'),
  });
  const { port } = new URL(runtime.controlUrl ?? '');
  const authorization = 'Bearer secret-1';
  expect(await statusOf(port, { authorization, host: 'fakes.example' })).toBe(200);
  expect(await statusOf(port, { authorization, host: 'fakes.example', origin: 'http://other.example' })).toBe(403);
  for (const wrong of ['Bearer secret-2', 'Bearer ', 'Bearer secret-1x', 'secret-1', '']) {
    expect([wrong, await statusOf(port, { authorization: wrong })]).toEqual([wrong, 401]);
  }
  expect(await statusOf(port, {})).toBe(401);
});

test.each([
  [undefined, /without a token it must be a loopback address .* give --control-token-file/],
  ['none', /^--control-token-file .*none: it cannot be read \(ENOENT\)$/],
  ['empty', /^--control-token-file .*empty: it must contain a token/],
  ['two', /^--control-token-file .*two: it must contain a token/],
])('an address beyond loopback with the token file %s is refused', async (name, says) => {
  const token = name !== undefined && { controlTokenFile: inDirectory(name) };
  const starting = startFakeRuntime({ controlAddress: '0.0.0.0:0', ...token });
  await expect(starting).rejects.toThrow(UserError);
  await expect(starting).rejects.toThrow(says);
});
