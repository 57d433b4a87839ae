// Tests that the rows of the logs can be selected by method, namespace, pod and container, even after the pod was
// removed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { post } from '../../kubelet/testing/one-pod-node';
import { type FakeNode, startFakeNode } from '../node';

const manifest = (name: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'main', image: 'busybox', command: ['sleep', 'infinity'] },
        { name: 'side', image: 'busybox', command: ['sleep', 'infinity'] },
      ],
    },
  });

let node: FakeNode;
beforeAll(async () => {
  node = await startFakeNode({ pods: [manifest('first')], controlAddress: '127.0.0.1:0' });
  await node.reset();
  await node.addPod(manifest('second'));
  for (const pod of ['first', 'none']) await post(node.kubelet, `/checkpoint/default/${pod}/main`);
  await node.removePod('default', 'second');
});
afterAll(() => node.close());

interface Rows {
  readonly calls: readonly { readonly method: string; readonly request: object }[];
  readonly requests: readonly { readonly target: string }[];
}

async function rows(query: string): Promise<Rows> {
  return (await fetch(`${node.controlUrl}/calls?${query}`)).json() as Promise<Rows>;
}

test('calls are selected by method, pod and container', async () => {
  const methods = async (query: string) => (await rows(query)).calls.map(({ method }) => method);
  expect(await methods('pod=second&container=main')).toEqual(
    expect.arrayContaining(['CreateContainer', 'StartContainer', 'StopContainer', 'RemoveContainer']),
  );
  expect(await methods('pod=second&container=main&method=Create*')).toEqual(['CreateContainer']);
  expect(await methods('pod=second&method=CreateContainer')).toEqual(['CreateContainer', 'CreateContainer']);
  expect(await methods('pod=second&method=RunPodSandbox&namespace=default')).toEqual(['RunPodSandbox']);
  expect(await methods('pod=first&method=CreateContainer')).toEqual([]);
  expect(await methods('pod=second&namespace=other')).toEqual([]);
  const everything = await rows('');
  expect((await rows('pod=second')).calls.length).toBeLessThan(everything.calls.length);
});

test('a call about a container that the call log does not create is selected too', async () => {
  const { calls } = await rows('pod=first&container=main&method=CheckpointContainer');
  expect(calls).toHaveLength(1);
  expect((await rows('pod=first&container=side&method=CheckpointContainer')).calls).toEqual([]);
});

test('requests are selected by the container whose checkpoint they request', async () => {
  const targets = async (query: string) => (await rows(query)).requests.map(({ target }) => target);
  expect(await targets('')).toEqual(['/checkpoint/default/first/main', '/checkpoint/default/none/main']);
  expect(await targets('pod=n*')).toEqual(['/checkpoint/default/none/main']);
  expect(await targets('pod=first&method=POST')).toEqual(['/checkpoint/default/first/main']);
  expect(await targets('method=CheckpointContainer')).toEqual([]);
});
