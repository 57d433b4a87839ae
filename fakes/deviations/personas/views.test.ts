// Tests what personas report differently from the reference persona: image ids, sandbox labels, runtime features and
// events. The expected values were recorded from real runtimes.
import { afterEach, expect, test } from '@jest/globals';
import { type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { type TestClient, testClient, until } from '../../runtime/testing/test-client';
import { applyToRuntime } from '../apply';
import { persona } from './personas';

let runtime: RuntimeServer;
let client: TestClient;
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

async function start(name: string): Promise<void> {
  runtime = await startRuntimeServer(
    applyToRuntime(
      {},
      persona(name).effects(() => runtime.control),
    ),
  );
  client = testClient(runtime.endpoint);
}

test.each([
  ['reference', /^sha256:[0-9a-f]{64}$/],
  ['containerd-1.6', /^$/],
  ['containerd-2.1', /^$/],
])('%s reports the id of the image that a container runs on', async (name, id) => {
  await start(name);
  const container_id = await client.container(await client.pod());
  const { containers } = await client.call('ListContainers', {});
  expect(containers.map(({ image_id }) => image_id)).toEqual([expect.stringMatching(id)]);
  expect((await client.call('ContainerStatus', { container_id })).status?.image_id).toMatch(id);
});

test.each([
  ['reference', /^sha256:[0-9a-f]{64}$/],
  ['containerd-2.1', /^sha256:[0-9a-f]{64}$/],
  ['cri-o-1.37', /^[0-9a-f]{64}$/],
])('%s reports all image ids in the same form, and finds images by them', async (name, form) => {
  await start(name);
  const { image_ref } = await client.call('PullImage', { image: { image: 'example.org/one' } });
  expect(image_ref).toMatch(form);
  expect((await client.call('ImageStatus', { image: { image: image_ref } })).image?.id).toBe(image_ref);
  const { images } = await client.call('ListImages', { filter: { image: { image: 'example.org/one' } } });
  expect(images.map(({ id }) => id)).toEqual([image_ref]);
  const container_id = await client.created(await client.pod(), { image: { image: image_ref } });
  const told = (await client.call('ContainerStatus', { container_id })).status?.image_id;
  expect(['', image_ref]).toContain(told);
  await client.call('RemoveImage', { image: { image: image_ref } });
  expect((await client.call('ImageStatus', { image: { image: image_ref } })).image).toBeNull();
});

test.each([
  ['reference', { app: 'web' }, ['', 'runc'], false],
  ['cri-o-1.37', { app: 'web', 'io.kubernetes.container.name': 'POD' }, ['', 'crun', 'runc'], true],
])('%s reports labels of sandboxes, runtime handlers and features', async (name, labels, handlers, hostNetwork) => {
  await start(name);
  const pod_sandbox_id = await client.pod('web', { labels: { app: 'web' } });
  expect((await client.call('PodSandboxStatus', { pod_sandbox_id })).status?.labels).toEqual(labels);
  expect((await client.call('ListPodSandbox', {})).items[0]?.labels).toEqual(labels);
  const { runtime_handlers, features } = await client.call('Status', {});
  expect(runtime_handlers.map((handler) => handler.name)).toEqual(handlers);
  expect(features).toMatchObject({ supplemental_groups_policy: true, user_namespaces_host_network: hostNetwork });
});

test.each([
  ['reference', 4],
  ['cri-o-1.37', 0],
])('%s sends events about a sandbox and its container: %i', async (name, count) => {
  await start(name);
  using events = client.events();
  await until(() => runtime.calls.some(({ method }) => method === 'GetContainerEvents'));
  await client.container(await client.pod());
  await until(() => events.seen.length === count);
  expect(events.end).toBeUndefined();
  await runtime.close();
  await until(() => events.end !== undefined);
  expect(events.seen).toHaveLength(count);
});
