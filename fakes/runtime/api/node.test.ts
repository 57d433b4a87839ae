// Tests the calls about the runtime and its images, and the calls that it does not implement.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { type TestClient, testClient } from '../testing/test-client';

let runtime: RuntimeServer;
let client: TestClient;
beforeEach(async () => {
  runtime = await startRuntimeServer({
    clock: new ManualClock(1000),
    handlers: ['runc', 'kata'],
    images: ['example.com/tool:1'],
    settings: { unknownMethods: ['CheckpointPod'], unimplementedMethods: ['CheckpointContainer'] },
  });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

test('Version returns the versions that kubelets accept', async () => {
  expect(await client.call('Version', { version: '0.1.0' })).toEqual({
    version: '0.1.0',
    runtime_name: 'ckptest',
    runtime_version: '0.1.0',
    runtime_api_version: 'v1',
  });
});

test('Status reports ready and lists the handlers', async () => {
  const answer = await client.call('Status', {});
  expect(answer.status?.conditions.map(({ type, status }) => [type, status])).toEqual([
    ['RuntimeReady', true],
    ['NetworkReady', true],
  ]);
  expect(answer.runtime_handlers.map(({ name }) => name)).toEqual(['', 'runc', 'kata']);
  expect(answer.features?.supplemental_groups_policy).toBe(true);
  expect(answer.info).toEqual({});
  await client.call('UpdateRuntimeConfig', { runtime_config: { network_config: { pod_cidr: '10.1.0.0/16' } } });
  const { info } = await client.call('Status', { verbose: true });
  expect(JSON.parse(info['config'] ?? '')).toMatchObject({ podCidr: '10.1.0.0/16', stateDir: runtime.stateDirectory });
});

test('a pod may use a handler that the runtime has', async () => {
  const config = { metadata: { name: 'a', namespace: 'b', uid: 'c' } };
  const { pod_sandbox_id } = await client.call('RunPodSandbox', { config, runtime_handler: 'kata' });
  const { status } = await client.call('PodSandboxStatus', { pod_sandbox_id });
  expect(status?.runtime_handler).toBe('kata');
});

test('RuntimeConfig returns the cgroup driver', async () => {
  expect(await client.call('RuntimeConfig', {})).toEqual({ linux: { cgroup_driver: 'CGROUPFS' } });
});

describe('images', () => {
  const tags = async () => (await client.call('ListImages', {})).images.map(({ repo_tags }) => repo_tags[0]);

  test('that exist at startup are listed', async () => {
    expect(await tags()).toEqual([
      'docker.io/library/busybox:latest',
      'registry.k8s.io/pause:3.10',
      'example.com/tool:1',
    ]);
    const { images } = await client.call('ListImages', {});
    expect(images.map(({ pinned }) => pinned)).toEqual([false, true, false]);
    expect(images[0]).toMatchObject({ id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), size: '2099869', uid: null });
  });

  test('are pulled, listed and filtered, and can be removed twice', async () => {
    const image = { image: 'example.com/new' };
    expect((await client.call('ImageStatus', { image })).image).toBeNull();
    const { image_ref } = await client.call('PullImage', { image });
    expect(await client.call('PullImage', { image })).toEqual({ image_ref });
    expect((await client.call('ImageStatus', { image })).image).toMatchObject({
      id: image_ref,
      repo_tags: ['example.com/new:latest'],
      repo_digests: [expect.stringMatching(/^example\.com\/new@sha256:/)],
    });
    const { info } = await client.call('ImageStatus', { image: { image: image_ref }, verbose: true });
    expect(JSON.parse(info['info'] ?? '').imageSpec.config.Cmd).toEqual(['/bin/sh']);
    const { images } = await client.call('ListImages', { filter: { image } });
    expect(images.map(({ id }) => id)).toEqual([image_ref]);
    expect((await client.call('ListImages', { filter: { image: { image: 'absent' } } })).images).toEqual([]);
    for (let time = 0; time < 2; time++) await client.call('RemoveImage', { image });
    expect(await tags()).not.toContain('example.com/new:latest');
  });

  test('with an empty or invalid reference are refused', async () => {
    for (const method of ['ImageStatus', 'PullImage', 'RemoveImage'] as const) {
      expect(await client.failure(method, {})).toBe('3 INVALID_ARGUMENT: image must not be empty');
      expect(await client.failure(method, { image: { image: 'NO good' } })).toBe(
        '3 INVALID_ARGUMENT: failed to parse image reference "NO good": invalid reference format',
      );
    }
  });

  test('are stored in a directory that exists', async () => {
    const { image_filesystems } = await client.call('ImageFsInfo', {});
    expect(image_filesystems).toMatchObject([
      {
        timestamp: '1000000000',
        fs_id: { mountpoint: runtime.stateDirectory },
        used_bytes: { value: expect.stringMatching(/^[1-9]\d+$/) },
        inodes_used: { value: '120' },
      },
    ]);
  });
});

describe('an unimplemented call or service', () => {
  test.each([
    ['Exec', '12 UNIMPLEMENTED: method Exec not implemented'],
    ['Attach', '12 UNIMPLEMENTED: method Attach not implemented'],
    ['PortForward', '12 UNIMPLEMENTED: method PortForward not implemented'],
    ['RestorePod', '12 UNIMPLEMENTED: method RestorePod not implemented'],
    ['CheckpointContainer', '12 UNIMPLEMENTED: method CheckpointContainer not implemented'],
    ['CheckpointPod', '12 UNIMPLEMENTED: unknown method CheckpointPod for service runtime.v1.RuntimeService'],
  ] as const)('%s fails with the message of a Go server and is in the call log', async (method, message) => {
    expect(await client.failure(method, {}, { deadline: Date.now() + 60_000 })).toBe(message);
    expect(runtime.calls.at(-1)).toMatchObject({
      service: 'RuntimeService',
      method,
      deadlineSeconds: expect.closeTo(60, -1),
      error: { code: 'UNIMPLEMENTED', message: message.replace('12 UNIMPLEMENTED: ', '') },
    });
  });

  test.each(['GetContainerEvents', 'StreamContainers', 'StreamImages'] as const)(
    'the stream %s fails with the message of a Go server and is in the call log',
    async (method) => {
      const settings = { unimplementedMethods: [method] };
      await using other = await startRuntimeServer({ settings });
      using its = testClient(other.endpoint);
      await expect(its.collectStream(method, {})).rejects.toThrow(`12 UNIMPLEMENTED: method ${method} not implemented`);
      expect(other.calls.at(-1)).toMatchObject({ method, error: { code: 'UNIMPLEMENTED' } });
    },
  );

  test('a service that the runtime does not have is unknown', async () => {
    await using other = await startRuntimeServer({ settings: { services: ['RuntimeService'] } });
    using its = testClient(other.endpoint);
    expect(await its.failure('ListImages', {})).toBe('12 UNIMPLEMENTED: unknown service runtime.v1.ImageService');
  });
});
