import { describe, expect, test } from '@jest/globals';
import { benchForEachTest, START } from '../testing/test-runtime';

const bench = benchForEachTest();

const status = async (container_id: string) => (await bench.client.call('ContainerStatus', { container_id })).status;

describe('sandboxes', () => {
  test('run, stop and are removed; a second stop and a second removal succeed', async () => {
    const pod_sandbox_id = await bench.client.pod('web', { labels: { a: 'b' }, annotations: { c: '' } });
    const { status } = await bench.client.call('PodSandboxStatus', { pod_sandbox_id });
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
    for (let time = 0; time < 2; time++) await bench.client.call('StopPodSandbox', { pod_sandbox_id });
    const { items } = await bench.client.call('ListPodSandbox', {});
    expect(items).toMatchObject([{ id: pod_sandbox_id, state: 'SANDBOX_NOTREADY', labels: { a: 'b' } }]);
    const stopped = await bench.client.call('PodSandboxStatus', { pod_sandbox_id });
    expect(stopped.status).toMatchObject({ state: 'SANDBOX_NOTREADY', network: { ip: '' } });
    for (let time = 0; time < 2; time++) await bench.client.call('RemovePodSandbox', { pod_sandbox_id });
    expect((await bench.client.call('ListPodSandbox', {})).items).toEqual([]);
    expect(await bench.client.failure('PodSandboxStatus', { pod_sandbox_id })).toBe(
      `5 NOT_FOUND: an error occurred when try to find sandbox "${pod_sandbox_id}": not found`,
    );
  });

  test('in the host network have no IP address of their own', async () => {
    const namespace_options = { network: 'NODE', pid: 'CONTAINER' } as const;
    const id = await bench.client.pod('host', { linux: { security_context: { namespace_options } } });
    const { status } = await bench.client.call('PodSandboxStatus', { pod_sandbox_id: id, verbose: true });
    expect(status?.network?.ip).toBe('');
    expect(status?.linux?.namespaces?.options).toMatchObject(namespace_options);
  });

  test('end their containers when they are stopped, and remove them when they are removed', async () => {
    const pod_sandbox_id = await bench.client.pod();
    const running = await bench.client.container(pod_sandbox_id);
    const created = await bench.client.created(pod_sandbox_id, { metadata: { name: 'other' } });
    await bench.client.call('StopPodSandbox', { pod_sandbox_id });
    expect(await status(running)).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: 137, reason: 'Error' });
    expect(await bench.client.failure('StartContainer', { container_id: created })).toMatch(
      /^9 FAILED_PRECONDITION: .*sandbox container .* is not running$/,
    );
    expect(await bench.client.failure('CreateContainer', { pod_sandbox_id, config: {} })).toMatch(/^9 .*is not ready$/);
    await bench.client.call('RemovePodSandbox', { pod_sandbox_id });
    expect((await bench.client.call('ListContainers', {})).containers).toEqual([]);
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
  ])('a sandbox with %j is refused', async (request, message) => {
    expect(await bench.client.failure('RunPodSandbox', request)).toBe(message);
    expect((await bench.client.call('ListPodSandbox', {})).items).toEqual([]);
  });

  test('a name is reserved until its sandbox is removed', async () => {
    const id = await bench.client.pod('web');
    const again = { config: { metadata: { name: 'web', namespace: 'default', uid: 'uid-web' } } };
    expect(await bench.client.failure('RunPodSandbox', again)).toBe(
      `6 ALREADY_EXISTS: failed to reserve sandbox name "web_default_uid-web_0": name "web_default_uid-web_0" is reserved for "${id}"`,
    );
    await bench.client.call('RemovePodSandbox', { pod_sandbox_id: id });
    await bench.client.pod('web');
  });

  test('are filtered by id, state and labels together', async () => {
    const one = await bench.client.pod('one', { labels: { app: 'x', tier: 'front' } });
    const two = await bench.client.pod('two', { labels: { app: 'x' } });
    await bench.client.call('StopPodSandbox', { pod_sandbox_id: two });
    const list = async (filter: object) =>
      (await bench.client.call('ListPodSandbox', { filter })).items.map(({ id }) => id);
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
