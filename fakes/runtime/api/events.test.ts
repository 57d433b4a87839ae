// Tests GetContainerEvents and the streamed lists with many, slow and disconnecting subscribers.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { imageAt, parseReference } from '../state/images';
import { type Sandbox, Store } from '../state/store';
import { type TestClient, testClient, until } from '../testing/test-client';
import { EventHub } from './event-hub';
import { sandboxListEntry } from './views';

let runtime: RuntimeServer;
let client: TestClient;
beforeEach(async () => {
  runtime = await startRuntimeServer();
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

const listeners = (count: number) =>
  until(
    () => runtime.calls.filter(({ method, endedAt }) => method === 'GetContainerEvents' && !endedAt).length === count,
  );

test('events report every phase of a pod, with the state of its containers at that moment', async () => {
  using events = client.events();
  await listeners(1);
  const sandbox = await client.pod();
  const id = await client.container(sandbox);
  await client.call('StopContainer', { container_id: id });
  await client.call('RemoveContainer', { container_id: id });
  await client.call('StopPodSandbox', { pod_sandbox_id: sandbox });
  await client.call('RemovePodSandbox', { pod_sandbox_id: sandbox });
  await until(() => events.seen.length === 8);
  const rows = events.seen.map((event) => [
    event.container_id === id ? 'container' : 'sandbox',
    event.container_event_type,
    event.pod_sandbox_status?.state,
    event.containers_statuses.map(({ state }) => state).join(),
  ]);
  expect(rows).toEqual([
    ['sandbox', 'CONTAINER_CREATED_EVENT', 'SANDBOX_READY', ''],
    ['sandbox', 'CONTAINER_STARTED_EVENT', 'SANDBOX_READY', ''],
    ['container', 'CONTAINER_CREATED_EVENT', 'SANDBOX_READY', 'CONTAINER_CREATED'],
    ['container', 'CONTAINER_STARTED_EVENT', 'SANDBOX_READY', 'CONTAINER_RUNNING'],
    ['container', 'CONTAINER_STOPPED_EVENT', 'SANDBOX_READY', 'CONTAINER_EXITED'],
    ['container', 'CONTAINER_DELETED_EVENT', 'SANDBOX_READY', ''],
    ['sandbox', 'CONTAINER_STOPPED_EVENT', 'SANDBOX_NOTREADY', ''],
    ['sandbox', 'CONTAINER_DELETED_EVENT', 'SANDBOX_NOTREADY', ''],
  ]);
  expect(events.seen[4]?.containers_statuses[0]).toMatchObject({ exit_code: 137, reason: 'Error' });
});

test('events reach all subscribers, even if some disconnect or do not read', async () => {
  const disconnected = client.events();
  using slow = client.events();
  slow.pause();
  const readers = Array.from({ length: 20 }, () => client.events());
  await listeners(22);
  disconnected[Symbol.dispose]();
  await listeners(21);
  for (let n = 0; n < 50; n += 1) await client.pod(`pod-${n}`);
  await until(() => readers.every(({ seen }) => seen.length === 100));
  slow.resume();
  await until(() => slow.seen.length === 100);
  for (const reader of readers) reader[Symbol.dispose]();
  await listeners(1);
});

test('the event stream ends when the runtime shuts down', async () => {
  using events = client.events();
  await listeners(1);
  await runtime.close();
  await until(() => events.end !== undefined);
  expect(runtime.calls.at(-1)).toMatchObject({ error: { message: 'the runtime is shutting down' } });
});

test('a subscriber that reads too slowly is disconnected and leaves nothing behind', async () => {
  const store = new Store();
  const hub = new EventHub(store, new ManualClock());
  const caller = new AbortController();
  const reader = hub.subscribe(caller.signal)[Symbol.asyncIterator]();
  const sandbox = sandboxNamed('one');
  store.addSandbox(sandbox);
  expect(await reader.next()).toMatchObject({ value: { container_event_type: 'CONTAINER_CREATED_EVENT' } });
  for (let n = 0; n < 6_000; n += 1) store.addSandbox(sandboxNamed(`pod-${n}`));
  const drain = async () => {
    for (;;) await reader.next();
  };
  await expect(drain()).rejects.toThrow('list again and subscribe again');
  expect(hub.subscribers).toBe(0);
});

function sandboxNamed(id: string): Sandbox {
  const metadata = { name: id, namespace: 'n', uid: 'u', attempt: 0 };
  const config = {
    metadata,
    hostname: '',
    log_directory: '',
    dns_config: null,
    port_mappings: [],
    labels: {},
    annotations: {},
    linux: null,
    windows: null,
  };
  const facts = { id, config, createdAt: '1', runtimeHandler: '' };
  return {
    ...facts,
    name: id,
    ip: '',
    pid: 1,
    containers: new Set(),
    phase: 'ready',
    listEntry: sandboxListEntry(facts),
  };
}

test('a streamed list has the same entries as the unary list, in several messages', async () => {
  const { sandboxes, ids } = { sandboxes: [] as string[], ids: [] as string[] };
  for (let n = 0; n < 3; n += 1) {
    sandboxes.push(await client.pod(`pod-${n}`, { labels: { n: String(n) } }));
    ids.push(await client.container(sandboxes[n] ?? ''));
  }
  const containers = (await client.collectStream('StreamContainers', {})).flatMap((part) => part.containers);
  expect(containers).toEqual((await client.call('ListContainers', {})).containers);
  expect(containers.map(({ id }) => id)).toEqual(ids);
  const filter = { label_selector: { n: '1' } };
  const pods = (await client.collectStream('StreamPodSandboxes', { filter })).flatMap((part) => part.pod_sandboxes);
  expect(pods).toEqual((await client.call('ListPodSandbox', { filter })).items);
  expect(pods.map(({ id }) => id)).toEqual([sandboxes[1]]);
  const images = (await client.collectStream('StreamImages', {})).flatMap((part) => part.images);
  expect(images).toEqual((await client.call('ListImages', {})).images);
  const stats = (await client.collectStream('StreamContainerStats', {})).flatMap((part) => part.container_stats);
  expect(stats.map(({ attributes }) => attributes?.id)).toEqual(ids);
  const podStats = (await client.collectStream('StreamPodSandboxStats', {})).flatMap((part) => part.pod_sandbox_stats);
  expect(podStats.map(({ attributes }) => attributes?.id)).toEqual(sandboxes);
  const metrics = (await client.collectStream('StreamPodSandboxMetrics', {})).flatMap(
    (part) => part.pod_sandbox_metrics,
  );
  expect(metrics.map(({ pod_sandbox_id }) => pod_sandbox_id)).toEqual(sandboxes);
  await client.call('RemovePodSandbox', { pod_sandbox_id: sandboxes[0] });
  await client.call('RemovePodSandbox', { pod_sandbox_id: sandboxes[1] });
  await client.call('RemovePodSandbox', { pod_sandbox_id: sandboxes[2] });
  expect(await client.collectStream('StreamContainers', {})).toEqual([]);
});

test('an interceptor of streams can read and change the messages', async () => {
  await using other = await startRuntimeServer({
    streams: [
      async function* (call, next) {
        if (call.method === 'StreamImages') yield { images: [{ id: 'first' }] };
        yield* next(call);
      },
    ],
  });
  using its = testClient(other.endpoint);
  const [first, second] = await its.collectStream('StreamImages', {});
  expect(first?.images[0]?.id).toBe('first');
  expect(second?.images[0]?.id).toBe(imageAt(parseReference('busybox')).id);
});
