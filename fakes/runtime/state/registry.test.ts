// Tests the registry: which pulls succeed, which are refused, and how several names of one image behave.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { type TestClient, testClient, until } from '../testing/test-client';

let clock: ManualClock;
let runtime: RuntimeServer;
let client: TestClient;
beforeEach(async () => {
  clock = new ManualClock();
  runtime = await startRuntimeServer({
    clock,
    registry: [
      { image: 'nginx:gone', do: 'absent' },
      { image: 'docker.io/private/*', do: 'unauthorised', username: 'me', password: 'a:b' },
      { image: 'locked', do: 'unauthorised' },
      { image: 'slow', do: 'slow', milliseconds: 5000 },
      { image: 'busybox:stable', do: 'same-as', as: 'busybox' },
    ],
  });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

const pull = (image: string, auth = {}) => client.failure('PullImage', { image: { image }, auth });
const imageStatus = async (image: string) => (await client.call('ImageStatus', { image: { image } })).image;

test('the registry has every image that no rule denies', async () => {
  expect(await pull('nginx')).toBe('OK');
  expect(await imageStatus('nginx')).toMatchObject({ repo_tags: ['docker.io/library/nginx:latest'] });
  expect(await pull('nginx:gone')).toMatch(/^5 NOT_FOUND: .*docker\.io\/library\/nginx:gone: not found$/);
  expect(await imageStatus('nginx:gone')).toBeNull();
  expect(await pull('!')).toMatch(/^3 INVALID_ARGUMENT: .*invalid reference format$/);
  expect(await pull('')).toMatch(/^3 INVALID_ARGUMENT: image must not be empty$/);
});

test('a rule can require a password', async () => {
  expect(await pull('private/app')).toMatch(/^7 PERMISSION_DENIED: .*may require authorization$/);
  expect(await pull('private/app', { username: 'me', password: 'wrong' })).toMatch(/^7/);
  expect(await pull('private/app', { username: 'me', password: 'a:b' })).toBe('OK');
  expect(await pull('private/app', { auth: Buffer.from('me:a:b').toString('base64') })).toBe('OK');
  expect(await pull('locked', { username: 'me' })).toMatch(/^7/);
});

test('a slow pull takes its time, and ends when the client disconnects', async () => {
  const answer = pull('slow');
  await until(() => clock.pending === 1);
  clock.advance(5000);
  expect(await answer).toBe('OK');
  const left = client.startCall('PullImage', { image: { image: 'slow' } });
  await until(() => clock.pending === 1);
  left.cancel();
  expect(await left.failure).toMatch(/^1 CANCELLED/);
  await until(() => runtime.calls.at(-1)?.endedAt !== undefined);
  expect(clock.pending).toBe(0);
});

test('two tags of one digest are one image, and are removed together', async () => {
  expect(await pull('busybox:stable')).toBe('OK');
  const { images } = await client.call('ListImages', {});
  const image = images.find(({ repo_tags }) => repo_tags.length === 2);
  expect(image).toMatchObject({
    repo_tags: ['docker.io/library/busybox:latest', 'docker.io/library/busybox:stable'],
    repo_digests: [expect.stringContaining('busybox@sha256:')],
  });
  expect(images.length).toBe(2);
  expect((await imageStatus('busybox:stable'))?.id).toBe(image?.id);
  for (let n = 0; n < 2; n += 1) await client.call('RemoveImage', { image: { image: 'busybox:stable' } });
  expect(await imageStatus('busybox')).toBeNull();
});

test('a tag that moves to another image is removed from the first one', async () => {
  const before = await imageStatus('busybox');
  runtime.control.setRegistry([{ image: 'busybox', do: 'same-as', as: 'busybox:2' }]);
  expect(await pull('busybox')).toBe('OK');
  expect((await imageStatus('busybox'))?.id).not.toBe(before?.id);
  expect(await imageStatus(before?.id ?? '')).toMatchObject({ repo_tags: [] });
});

test('a reset restores the initial images and rules', async () => {
  await client.call('RemoveImage', { image: { image: 'busybox' } });
  await pull('nginx');
  runtime.control.setRegistry([]);
  runtime.control.reset();
  expect((await client.call('ListImages', {})).images.map(({ repo_tags }) => repo_tags[0])).toEqual([
    'docker.io/library/busybox:latest',
    'registry.k8s.io/pause:3.10',
  ]);
  expect(await pull('nginx:gone')).toMatch(/^5/);
});
