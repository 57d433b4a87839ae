// Tests the life cycle of pods through the CRI calls that the kubelet makes.
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import type { FakeKubelet } from '../server';
import { type OnePodNode, onePodNode, POD, post } from '../testing/one-pod-node';
import { send } from '../testing/raw-client';
import { Fail } from '../testing/scripted-runtime';

let node: OnePodNode;

beforeEach(async () => {
  node = await onePodNode();
});

afterEach(async () => {
  await node[Symbol.asyncDispose]();
});

const methods = () => node.runtime.calls.map(({ method }) => method);

describe('the pods of a kubelet', () => {
  test('start in the same order as on a real kubelet, and are removed on shutdown', async () => {
    const kubelet = await node.start();
    expect(methods().filter((method) => !method.startsWith('List') && !method.endsWith('Status'))).toEqual([
      'Version',
      'ImageFsInfo',
      'RuntimeConfig',
      'Version',
      'RunPodSandbox',
      'CreateContainer',
      'StartContainer',
      'CreateContainer',
      'StartContainer',
    ]);
    expect(node.runtime.calls.find(({ method }) => method === 'RunPodSandbox')?.request).toMatchObject({
      config: {
        metadata: { name: 'web-n', namespace: 'shop', attempt: 0 },
        labels: { 'io.kubernetes.pod.name': 'web-n', 'io.kubernetes.pod.namespace': 'shop' },
        annotations: { 'kubernetes.io/config.source': 'file' },
        log_directory: expect.stringMatching(/\/root\/logs\/pods\/shop_web-n_[0-9a-f]{32}$/),
      },
    });
    const created = node.runtime.calls.filter(({ method }) => method === 'CreateContainer');
    expect(created).toMatchObject([
      { request: { config: { metadata: { name: 'prepare' }, log_path: 'prepare/0.log' } } },
      {
        request: { config: { metadata: { name: 'app' }, image: { image: 'sha256:x:1', user_specified_image: 'x:1' } } },
      },
    ]);
    const listed = JSON.parse(
      (await send(kubelet, { method: 'GET', path: '/pods', client: 'client certificate' })).body,
    );
    expect(listed).toMatchObject({
      kind: 'PodList',
      items: [{ metadata: { name: 'web-n', namespace: 'shop' }, status: { phase: 'Running' } }],
    });
    node.runtime.calls.length = 0;
    await kubelet.close();
    expect(methods().filter((method) => !method.startsWith('List'))).toEqual([
      'ExecSync',
      'StopContainer',
      'StopPodSandbox',
      'RemoveContainer',
      'RemoveContainer',
      'StopPodSandbox',
      'RemovePodSandbox',
    ]);
    expect(await readdir(path.join(node.directory, 'root'))).toEqual(['checkpoints']);
  });

  test("run as the image's user", async () => {
    await writeFile(node.manifest, POD.replaceAll('x:1', 'of-somebody:1'));
    await using _ = await node.start();
    const created = node.runtime.calls.filter(({ method }) => method === 'CreateContainer');
    expect(created.at(-1)).toMatchObject({
      request: { config: { linux: { security_context: { run_as_username: 'somebody' } } } },
    });
  });

  test('are restarted with back-off when they exit, and only the latest exited container is kept', async () => {
    const clock = new ManualClock();
    await writeFile(node.manifest, POD.replace('name: app, ', 'name: app, command: [sh, -c, exit 7], '));
    await using kubelet = await node.start({ clock, podStartTimeoutMs: 500 });
    expect(kubelet.nodeName).toBe('n');
    const attempts = () => methods().filter((method) => method === 'StartContainer').length - 1;
    for (const attempt of [2, 3]) {
      while (attempts() < attempt) {
        clock.advance(1000);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    const apps = [...node.runtime.containers.values()].filter(({ metadata }) => metadata?.name === 'app');
    expect(apps.length).toBeLessThanOrEqual(2);
    expect(clock.now() - Date.UTC(2026, 0, 1)).toBeGreaterThanOrEqual(10_000);
  });

  test('of an earlier kubelet are replaced, and other pods are not changed', async () => {
    node.runtime.sandboxes.set('foreign', {
      id: 'foreign',
      state: 'SANDBOX_READY',
      labels: { 'io.kubernetes.pod.uid': 'u' },
    });
    const first = await node.start();
    const [uid] = [...node.runtime.sandboxes.values()].flatMap(({ id, labels }) =>
      id === 'foreign' ? [] : [labels?.['io.kubernetes.pod.uid']],
    );
    await first.close();
    node.runtime.sandboxes.set('old', {
      id: 'old',
      state: 'SANDBOX_READY',
      metadata: { attempt: 4 },
      labels: { 'io.kubernetes.pod.uid': uid ?? '' },
    });
    const second = await node.start();
    expect(node.runtime.sandboxes.has('old')).toBe(false);
    expect([...node.runtime.sandboxes.values()].find(({ id }) => id !== 'foreign')?.metadata?.attempt).toBe(5);
    await second.close();
    expect([...node.runtime.sandboxes.keys()]).toEqual(['foreign']);
  });

  test('that cannot be created do not stop the kubelet from responding', async () => {
    node.runtime.on({
      RunPodSandbox: () => {
        throw new Fail(status.UNKNOWN, 'no');
      },
    });
    await using kubelet = await node.start();
    expect((await post(kubelet, '/checkpoint/shop/web-n/app')).body).toMatch(/\(container app not found\)$/);
  });

  const fails = (code: status, message: string) => () => {
    throw new Fail(code, message);
  };
  const state = async (kubelet: FakeKubelet, container: number): Promise<unknown> => {
    const { body } = await send(kubelet, { method: 'GET', path: '/pods', client: 'client certificate' });
    return JSON.parse(body).items[0].status.containerStatuses[container].state;
  };

  test.each([
    ['CreateContainer', status.NOT_FOUND, 'CreateContainerError', 'no such thing'],
    ['StartContainer', status.INTERNAL, 'RunContainerError', 'no such thing'],
  ] as const)(
    'whose %s fails report the reason in their status, and once in the log',
    async (method, code, reason, message) => {
      const clock = new ManualClock();
      const warnings: string[] = [];
      node.runtime.on({ [method]: fails(code, message) });
      await writeFile(node.manifest, POD.replace(/ {2}initContainers.*\n/, '').replace(/ {2}- \{name: once.*\n/, ''));
      await using kubelet = await node.start({
        clock,
        warn: (sentence) => warnings.push(sentence),
        podStartTimeoutMs: 500,
      });
      expect(await state(kubelet, 0)).toEqual({ waiting: { reason, message } });
      const tried = () => methods().filter((one) => one === 'CreateContainer').length;
      while (tried() < 3) {
        clock.advance(1000);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(warnings).toEqual([`container app of pod shop/web-n is waiting (${reason}): ${message}`]);
      node.runtime.on({ [method]: undefined });
      while (!isDeepStrictEqual(await state(kubelet, 0), { running: {} })) clock.advance(1000);
    },
  );

  test.each([
    ['Never', {}, 'ErrImageNeverPull', 'Container image "absent:1" is not present with pull policy of Never'],
    ['Always', {}, 'ErrImagePull', 'rpc error: code = NotFound desc = no such image'],
    ['Always', { PullImage: fails(status.UNKNOWN, 'no way there') }, 'ErrImagePull', 'no way there'],
  ] as const)('without an image (%s) report the reason', async (policy, handlers, reason, message) => {
    node.runtime.on(handlers);
    await writeFile(node.manifest, POD.replace('imagePullPolicy: Never', `imagePullPolicy: ${policy}`));
    await using kubelet = await node.start({ podStartTimeoutMs: 500 });
    expect(await state(kubelet, 1)).toEqual({ waiting: { reason, message } });
  });

  test('are not removed on shutdown if the runtime is not running', async () => {
    const kubelet = await node.start();
    await node.runtime.stop();
    await kubelet.close();
    await node.runtime.restart();
  });
});
