// Tests restart and disconnect of the control interface: the state of the runtime survives both.
import { afterEach, expect, test } from '@jest/globals';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { type TestClient, testClient } from '../testing/test-client';

let runtime: RuntimeServer;
let client: TestClient;

afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

async function start(listen?: string): Promise<void> {
  runtime = await startRuntimeServer(listen === undefined ? {} : { listen });
  client = testClient(runtime.endpoint);
}

test.each([['a unix socket', undefined] as const, ['a port', 'tcp://127.0.0.1:0'] as const])(
  'a restart at %s keeps endpoint, pods and containers',
  async (_, listen) => {
    await start(listen);
    const { endpoint } = runtime;
    const id = await client.container(await client.pod());
    await runtime.control.restart();
    expect(runtime.endpoint).toBe(endpoint);
    using again = testClient(endpoint);
    const { status } = await again.call('ContainerStatus', { container_id: id });
    expect(status?.state).toBe('CONTAINER_RUNNING');
  },
);

test('a disconnect ends running calls, and the next call works', async () => {
  await start();
  const id = await client.container(await client.pod(), { command: ['/bin/sh', '-c', "trap '' TERM; sleep 1000"] });
  const stop = client.failure('StopContainer', { container_id: id, timeout: '60' });
  while (!runtime.calls.some(({ method }) => method === 'StopContainer')) await new Promise(setImmediate);
  runtime.control.disconnect();
  expect(await stop).toMatch(/^14 UNAVAILABLE/);
  expect(await client.failure('Version', {}, {})).toMatch(/OK|UNAVAILABLE/);
  using again = testClient(runtime.endpoint);
  expect((await again.call('Version', {})).version).toBe('0.1.0');
});

test('a container and a sandbox are found by a unique prefix of their id', async () => {
  await start();
  const sandbox = await client.pod('web');
  const id = await client.container(sandbox);
  expect(runtime.control.container(id.slice(0, 12))).toMatchObject({
    id,
    sandboxId: sandbox,
    image: 'docker.io/library/busybox:latest',
  });
  expect(runtime.control.sandbox(sandbox)).toMatchObject({ name: 'web', namespace: 'default' });
  expect([runtime.control.container('none'), runtime.control.sandbox('none')]).toEqual([undefined, undefined]);
});

test('a reset can keep some sandboxes, and resumes their containers', async () => {
  await start();
  const kept = await client.pod('kept');
  const id = await client.container(kept);
  const other = await client.container(await client.pod('other'));
  runtime.control.freeze(id);
  runtime.control.reset(new Set([kept]));
  expect(runtime.control.container(id)).toMatchObject({ frozen: false, state: 'CONTAINER_RUNNING' });
  expect(runtime.control.container(other)).toBeUndefined();
  expect(runtime.control.state().sandboxes.map(({ name }) => name)).toEqual(['kept']);
  expect(runtime.calls).toEqual([]);
  expect(runtime.control.state().images).toContain('docker.io/library/busybox:latest');
});
