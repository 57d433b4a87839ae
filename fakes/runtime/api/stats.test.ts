// Tests the stats, metrics and resource limits of containers.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { BUSYBOX_IMAGE } from '../state/images';
import { type TestClient, testClient } from '../testing/test-client';

let clock: ManualClock;
let runtime: RuntimeServer;
let client: TestClient;
beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 10, 23, 12));
  runtime = await startRuntimeServer({ clock });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

const hold = (bytes: number) => [
  'sh',
  '-c',
  `x=$(head -c ${bytes} /dev/zero | tr '\\0' x); echo abc > /f; sleep 1000; true`,
];

test('stats grow with age and memory, and only running containers are listed', async () => {
  const pod = await client.pod('pod', { labels: { a: '1' } });
  const small = await client.container(pod, { command: hold(0) });
  const large = await client.container(pod, {
    metadata: { name: 'large' },
    command: hold(8_000_000),
    labels: { b: '2' },
  });
  const created = await client.created(pod, { metadata: { name: 'created' } });
  clock.advance(10_000);
  const stats = async (container_id: string) => (await client.call('ContainerStats', { container_id })).stats;
  const [one, two] = [await stats(small), await stats(large)];
  expect(one).toMatchObject({
    attributes: { id: small, metadata: { name: 'main' } },
    cpu: { usage_core_nano_seconds: { value: '10000000' }, usage_nano_cores: { value: '1000000' } },
    memory: { available_bytes: { value: '0' } },
    writable_layer: { used_bytes: { value: '4' }, inodes_used: { value: '1' } },
  });
  const memory = (value: typeof one) => Number(value?.memory?.working_set_bytes?.value);
  expect(memory(two) - memory(one)).toBeGreaterThanOrEqual(8_000_000 - 4096);
  expect(await stats(created)).toMatchObject({ cpu: null, memory: null });
  const ids = async (filter?: object) =>
    (await client.call('ListContainerStats', { filter })).stats.map(({ attributes }) => attributes?.id);
  expect(await ids()).toEqual([small, large]);
  expect(await ids({ label_selector: { b: '2' } })).toEqual([large]);
  expect(await ids({ pod_sandbox_id: pod.slice(0, 12), id: small })).toEqual([small]);

  const { stats: podStats } = await client.call('PodSandboxStats', { pod_sandbox_id: pod });
  expect(podStats?.linux).toMatchObject({
    cpu: { usage_core_nano_seconds: { value: '20000000' } },
    process: { process_count: { value: '5' } },
    containers: [{ attributes: { id: small } }, { attributes: { id: large } }],
  });
  expect((await client.call('ListPodSandboxStats', { filter: { label_selector: { a: '2' } } })).stats).toEqual([]);
  await client.call('StopPodSandbox', { pod_sandbox_id: pod });
  expect(await client.failure('PodSandboxStats', { pod_sandbox_id: pod })).toMatch(
    /^9 FAILED_PRECONDITION: .*not ready/,
  );
  expect((await client.call('ListPodSandboxStats', {})).stats).toEqual([]);
});

test('every metric has a descriptor, and as many values as labels', async () => {
  const pod = await client.pod();
  const linux = { resources: { cpu_shares: 1024, cpu_quota: 20_000, memory_limit_in_bytes: 64_000_000 } };
  const id = await client.container(pod, { linux });
  const { descriptors } = await client.call('ListMetricDescriptors', {});
  const { pod_metrics } = await client.call('ListPodSandboxMetrics', {});
  expect(pod_metrics).toMatchObject([{ pod_sandbox_id: pod, container_metrics: [{ container_id: id }] }]);
  const ofContainer = pod_metrics[0]?.container_metrics[0]?.metrics ?? [];
  const metrics = [...ofContainer, ...(pod_metrics[0]?.metrics ?? [])];
  expect(metrics.map(({ name }) => name)).toEqual(descriptors.map(({ name }) => name));
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(56);
  const keys = new Map(descriptors.map(({ name, label_keys }) => [name, label_keys]));
  for (const { name, label_values } of metrics)
    expect([name, label_values.length]).toEqual([name, keys.get(name)?.length]);
  const named = (name: string) => metrics.find((one) => one.name === name);
  expect(named('container_last_seen')?.label_values).toEqual([id, BUSYBOX_IMAGE, 'default', 'pod', 'main']);
  expect(named('container_network_receive_bytes_total')?.label_values).toEqual([pod, '', 'default', 'pod', '', 'eth0']);
  expect(named('container_spec_cpu_shares')?.value?.value).toBe('1024');
  expect(named('container_spec_cpu_period')?.value?.value).toBe('100000');
  expect(named('container_spec_memory_limit_bytes')?.value?.value).toBe('64000000');
});

test('limits can be changed one at a time, and are kept', async () => {
  const pod = await client.pod();
  const linux = { resources: { cpu_shares: 100, memory_limit_in_bytes: 64_000_000, unified: { a: '1' } } };
  const container_id = await client.created(pod, { linux });
  const update = { container_id, linux: { cpu_shares: 200, unified: { b: '2' } } };
  await client.call('UpdateContainerResources', update);
  const { status } = await client.call('ContainerStatus', { container_id });
  expect(status?.resources?.linux).toMatchObject({
    cpu_shares: '200',
    memory_limit_in_bytes: '64000000',
    unified: { a: '1', b: '2' },
  });
  await client.call('StartContainer', { container_id });
  const { stats } = await client.call('ContainerStats', { container_id });
  const { available_bytes, working_set_bytes } = stats?.memory ?? {};
  expect(Number(available_bytes?.value) + Number(working_set_bytes?.value)).toBe(64_000_000);
  await client.call('UpdateContainerResources', { container_id });
  await client.call('StopContainer', { container_id });
  expect(await client.failure('UpdateContainerResources', update)).toMatch(/CONTAINER_EXITED state$/);
  expect(await client.failure('UpdateContainerResources', {})).toMatch(/^3 INVALID_ARGUMENT/);

  const overhead = { cpu_period: 100_000 };
  await client.call('UpdatePodSandboxResources', { pod_sandbox_id: pod, overhead });
  const { info } = await client.call('PodSandboxStatus', { pod_sandbox_id: pod, verbose: true });
  expect(JSON.parse(info.info ?? '')).toMatchObject({ resources: { overhead: { cpu_period: '100000' } } });
  await client.call('StopPodSandbox', { pod_sandbox_id: pod });
  expect(await client.failure('UpdatePodSandboxResources', { pod_sandbox_id: pod })).toContain('is not ready');
});
