// The life of sandboxes as a CRI client sees it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../clock';
import { type FakeRuntime, startFakeRuntime } from './server';
import { type TestClient, testClient } from './test-client';

const START = Date.UTC(2026, 10, 23, 12);
let clock: ManualClock;
let runtime: FakeRuntime;
let client: TestClient;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
  clock = new ManualClock(START);
  let count = 0;
  // Ids that start alike, so that prefixes can be ambiguous.
  const next = () => `${count++ < 2 ? 'aa' : 'bb'}${String(count).padStart(62, '0')}`;
  runtime = await startFakeRuntime({ clock, ids: { next }, settings: { hostname: 'node1' } });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const status = async (container_id: string) => (await client.call('ContainerStatus', { container_id })).status;

describe('sandboxes', () => {
  test('run, stop, remove; stop and remove again', async () => {
    const pod_sandbox_id = await client.pod('web', { labels: { a: 'b' }, annotations: { c: '' } });
    const { status } = await client.call('PodSandboxStatus', { pod_sandbox_id });
    expect(status).toMatchObject({
      id: pod_sandbox_id,
      metadata: { name: 'web', namespace: 'default', uid: 'uid-web', attempt: 0 },
      state: 'SANDBOX_READY',
      created_at: `${START}000000`,
      labels: { a: 'b' },
      annotations: { c: '' },
      runtime_handler: '',
      network: { ip: '10.88.0.2' },
    });
    for (let time = 0; time < 2; time++) await client.call('StopPodSandbox', { pod_sandbox_id });
    const { items } = await client.call('ListPodSandbox', {});
    expect(items).toMatchObject([{ id: pod_sandbox_id, state: 'SANDBOX_NOTREADY', labels: { a: 'b' } }]);
    for (let time = 0; time < 2; time++) await client.call('RemovePodSandbox', { pod_sandbox_id });
    expect((await client.call('ListPodSandbox', {})).items).toEqual([]);
    expect(await client.failure('PodSandboxStatus', { pod_sandbox_id })).toBe(
      `5 NOT_FOUND: an error occurred when try to find sandbox "${pod_sandbox_id}": not found`,
    );
  });

  test('of the node have no address of their own', async () => {
    const namespace_options = { network: 'NODE', pid: 'CONTAINER' } as const;
    const id = await client.pod('host', { linux: { security_context: { namespace_options } } });
    const { status } = await client.call('PodSandboxStatus', { pod_sandbox_id: id, verbose: true });
    expect(status?.network?.ip).toBe('');
    expect(status?.linux?.namespaces?.options).toMatchObject(namespace_options);
  });

  test('end their containers when they stop, and take them along when they are removed', async () => {
    const pod_sandbox_id = await client.pod();
    const running = await client.container(pod_sandbox_id);
    const created = await client.created(pod_sandbox_id, { metadata: { name: 'other' } });
    await client.call('StopPodSandbox', { pod_sandbox_id });
    expect(await status(running)).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: 137, reason: 'Error' });
    expect(await client.failure('StartContainer', { container_id: created })).toMatch(
      /^9 FAILED_PRECONDITION: .*sandbox container .* is not running$/,
    );
    expect(await client.failure('CreateContainer', { pod_sandbox_id, config: {} })).toMatch(/^9 .*is not ready$/);
    await client.call('RemovePodSandbox', { pod_sandbox_id });
    expect((await client.call('ListContainers', {})).containers).toEqual([]);
  });

  test.each([
    [{}, '3 INVALID_ARGUMENT: sandbox config must not be empty'],
    [{ config: {} }, '3 INVALID_ARGUMENT: sandbox config must include metadata'],
    [
      { config: { metadata: { name: 'a', namespace: 'b' } } },
      '3 INVALID_ARGUMENT: sandbox config must include metadata with a uid',
    ],
    [
      { config: { metadata: { name: 'a', namespace: 'b', uid: 'c' } }, runtime_handler: 'kata' },
      '3 INVALID_ARGUMENT: failed to get sandbox runtime: no runtime for "kata" is configured',
    ],
  ])('%j is refused', async (request, message) => {
    expect(await client.failure('RunPodSandbox', request)).toBe(message);
    expect((await client.call('ListPodSandbox', {})).items).toEqual([]);
  });

  test('a name is taken until its sandbox is removed', async () => {
    const id = await client.pod('web');
    const again = { config: { metadata: { name: 'web', namespace: 'default', uid: 'uid-web' } } };
    expect(await client.failure('RunPodSandbox', again)).toBe(
      `6 ALREADY_EXISTS: failed to reserve sandbox name "web_default_uid-web_0": name "web_default_uid-web_0" is reserved for "${id}"`,
    );
    await client.call('RemovePodSandbox', { pod_sandbox_id: id });
    await client.pod('web');
  });

  test('are filtered by id, state and labels together', async () => {
    const one = await client.pod('one', { labels: { app: 'x', tier: 'front' } });
    const two = await client.pod('two', { labels: { app: 'x' } });
    await client.call('StopPodSandbox', { pod_sandbox_id: two });
    const list = async (filter: object) => (await client.call('ListPodSandbox', { filter })).items.map(({ id }) => id);
    expect(await list({})).toEqual([one, two]);
    expect(await list({ label_selector: { app: 'x' } })).toEqual([one, two]);
    expect(await list({ label_selector: { app: 'x', tier: 'front' } })).toEqual([one]);
    expect(await list({ label_selector: { app: '' } })).toEqual([]);
    expect(await list({ state: { state: 'SANDBOX_NOTREADY' } })).toEqual([two]);
    expect(await list({ state: {} })).toEqual([one]);
    expect(await list({ id: two, state: {} })).toEqual([]);
    expect(await list({ id: two })).toEqual([two]);
    expect(await list({ id: two.slice(0, 64) })).toEqual([two]);
    expect(await list({ id: 'aa' })).toEqual([]);
    expect(await list({ id: 'nothing' })).toEqual([]);
  });
});
