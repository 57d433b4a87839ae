// Tests the CRI calls of a checkpoint request: which calls are made, with which deadlines, and when they are cancelled.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../base/clock';
import { onMethod } from '../base/cri-call';
import { type OnePodNode, onePodNode, post, untilTrue } from './testing/one-pod-node';
import { connectTls } from './testing/raw-client';

let node: OnePodNode;

beforeEach(async () => {
  node = await onePodNode();
});

afterEach(async () => {
  await node[Symbol.asyncDispose]();
});

const methods = () => node.runtime.calls.map(({ method }) => method);

describe('a checkpoint request', () => {
  test.each([
    ['', '120', 2],
    ['?timeout=300', '300', 5],
    ['?timeout=5', '120', 2],
    ['?timeout=120', '120', 2],
    ['?timeout=121', '121', 3],
  ])('with the query %j sets the timeout field and the deadline of the CRI call', async (query, field, minutes) => {
    await using kubelet = await node.start();
    node.runtime.calls.length = 0;
    const answer = await post(kubelet, `/checkpoint/shop/web-n/app${query}`);
    expect(answer.status).toBe(200);
    const { items }: { items: string[] } = JSON.parse(answer.body);
    const checkpointCalls = node.runtime.calls.filter(({ method }) => method === 'CheckpointContainer');
    const [app] = [...node.runtime.containers.values()].filter(({ state }) => state === 'CONTAINER_RUNNING');
    expect(checkpointCalls).toMatchObject([{ request: { container_id: app?.id, location: items[0], timeout: field } }]);
    expect(Math.ceil((checkpointCalls[0]?.secondsLeft ?? 0) / 60)).toBe(minutes);
    const listing = node.runtime.calls.filter(({ request }) => JSON.stringify(request).includes('"state":{"state"'));
    expect(listing.map(({ method }) => method)).toEqual(['ListPodSandbox', 'ListContainers']);
  });

  test('makes no checkpoint call if it is refused', async () => {
    await using kubelet = await node.start();
    node.runtime.calls.length = 0;
    for (const target of ['/nope/web-n/app', '/shop/web-n/nope', '/shop/web-n/app?timeout=x', '/shop/web/app']) {
      expect((await post(kubelet, `/checkpoint${target}`)).status).toBe(404);
    }
    expect(methods().filter((method) => method === 'CheckpointContainer')).toEqual([]);
  });

  test("fails at the deadline with the kubelet's own message", async () => {
    const clock = new ManualClock();
    await using kubelet = await node.start({ clock });
    let isCalled = false;
    node.runtime.on({
      CheckpointContainer: () => {
        isCalled = true;
        return new Promise(() => {});
      },
    });
    const answer = post(kubelet, '/checkpoint/shop/web-n/app?timeout=200');
    await untilTrue(() => isCalled);
    clock.advance(199_999);
    clock.advance(1);
    expect((await answer).body).toBe(
      'checkpointing of shop/web-n/app failed (rpc error: code = DeadlineExceeded desc = context deadline exceeded)',
    );
  });

  test('cancels its checkpoint call if the client disconnects', async () => {
    let aborted = false;
    let wasCalled = false;
    const watch = onMethod('CheckpointContainer', (call, next) => {
      wasCalled = true;
      call.signal.addEventListener('abort', () => {
        aborted = true;
      });
      return next(call);
    });
    await using kubelet = await node.start({ cri: [watch] });
    node.runtime.on({ CheckpointContainer: () => new Promise(() => {}) });
    const socket = await connectTls(kubelet);
    socket.write('POST /checkpoint/shop/web-n/app HTTP/1.1\r\nHost: x\r\n\r\n');
    await untilTrue(() => wasCalled);
    socket.destroy();
    await untilTrue(() => aborted);
  });
});
