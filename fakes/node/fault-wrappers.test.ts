// Tests the effects of faults on clients of both fakes.
import { Client, credentials } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { type CriResponse, criCall } from '../../proto/load';
import { unusedSentence } from '../faults/faults';
import type { Action } from '../faults/rule';
import type { HttpRequest } from '../go/net-http/exchange';
import { testClient, until } from '../runtime/testing/test-client';
import { FaultBench } from './testing/fault-bench';

const bench = FaultBench.forEachTest();

describe('a fault rule', () => {
  test('is used once, n times or always, and only the first matching rule is used', async () => {
    bench.faults.set([
      { match: { method: 'CheckpointContainer' }, do: { abort: { code: 'UNAVAILABLE', message: 'down' } } },
      { match: { method: 'Version' }, times: 2, do: { abort: { code: 'INTERNAL', message: 'two' } } },
      { match: { method: 'Status' }, times: 'always', do: { abort: { code: 'ABORTED' } } },
    ]);
    expect([await bench.checkpoint(), await bench.checkpoint()]).toEqual(['14 UNAVAILABLE: down', 'OK']);
    const versions = [1, 2, 3].map(() => bench.client.failure('Version', {}));
    expect((await Promise.all(versions)).sort()).toEqual(['13 INTERNAL: two', '13 INTERNAL: two', 'OK']);
    for (let i = 0; i < 5; i++) expect(await bench.client.failure('Status', {})).toMatch(/^10 ABORTED/);
    expect(bench.faults.report.map(({ seen, used }) => [seen, used])).toEqual([
      [2, 1],
      [3, 2],
      [5, 5],
    ]);
  });

  test.each([
    [{ pod: 'web' }, true],
    [{ pod: 'w*b', namespace: 'default', container: 'main', image: '*busybox:latest' }, true],
    [{ pod: 'w*' }, true],
    [{ pod: 'we*eb' }, false],
    [{ pod: 'other' }, false],
    [{ namespace: 'kube-system' }, false],
    [{ container: 'mai' }, false],
    [{ image: 'pause' }, false],
    [{ method: '*Container' }, true],
  ])('that matches %j is used for this checkpoint: %s', async (match, met) => {
    const abort: Action = { abort: { code: 'INTERNAL' } };
    bench.faults.set([{ match: { method: 'CheckpointContainer', ...match }, do: abort }]);
    expect(await bench.checkpoint()).toMatch(met ? /^13/ : /^OK/);
    const [plan] = bench.faults.report;
    bench.faults.set([{ match, do: { archive: 'missing' } }]);
    expect(await bench.checkpoint('b.tar')).toBe('OK');
    expect((await bench.names()).includes('b.tar')).toBe(!met);
    expect(plan?.seen).toBe(met ? 1 : 0);
  });

  test('matches every name of an image, as a kubelet sends them', async () => {
    const image = { image: `sha256:${'a'.repeat(64)}`, user_specified_image: 'nginx' };
    const pod_sandbox_id = await bench.client.pod('other');
    const created = () =>
      bench.client.failure('CreateContainer', { pod_sandbox_id, config: { metadata: { name: 'main' }, image } });
    const abort: Action = { abort: { code: 'INTERNAL', message: 'no' } };
    for (const name of ['nginx', 'sha256:a*']) {
      bench.faults.set([{ match: { method: 'CreateContainer', image: name }, do: abort }]);
      expect([name, await created()]).toEqual([name, '13 INTERNAL: no']);
    }
    const busybox = await bench.client.call('ImageStatus', { image: { image: 'busybox' } });
    const own = { image: busybox.image?.id ?? '', user_specified_image: 'busybox' };
    bench.id = await bench.client.container(await bench.client.pod('third'), { image: own });
    for (const name of ['busybox', own.image, 'docker.io/library/busybox:latest']) {
      bench.faults.set([{ match: { method: 'CheckpointContainer', image: name }, do: abort }]);
      expect([name, await bench.checkpoint()]).toEqual([name, '13 INTERNAL: no']);
      bench.faults.set([{ match: { image: name }, do: { archive: 'missing' } }]);
      await bench.checkpoint('b.tar');
      expect([name, await bench.names()]).toEqual([name, []]);
    }
  });

  test('can apply to the n-th call only', async () => {
    bench.faults.set([
      { match: { method: 'CheckpointContainer', call: 2 }, times: 'always', do: { abort: { code: 'INTERNAL' } } },
    ]);
    expect(await bench.checkpoint()).toBe('OK');
    expect(await bench.checkpoint()).toMatch(/^13/);
    expect(await bench.checkpoint()).toBe('OK');
  });

  test('about a pod is used when the pod is created, and not for calls that name no pod', async () => {
    bench.faults.set([{ match: { pod: 'new' }, times: 'always', do: { abort: { code: 'INTERNAL', message: 'no' } } }]);
    expect(await bench.client.failure('ListContainers', {})).toBe('OK');
    await expect(bench.client.pod('new')).rejects.toThrow('13 INTERNAL: no');
    expect(await bench.client.failure('ContainerStatus', { container_id: '' })).toMatch(/^3 INVALID/);
  });

  test('that was never used is reported', () => {
    bench.faults.set([{ match: { pod: 'none' }, do: 'hang' }]);
    expect(bench.faults.unused.map(unusedSentence)).toEqual([
      'faults[0]: this fault was never used: {"match":{"pod":"none"},"do":"hang"}',
    ]);
  });

  test('that is not valid is refused, and the previous rules are kept', async () => {
    bench.faults.set([
      { match: { method: 'CheckpointContainer' }, do: { abort: { code: 'INTERNAL', message: 'kept' } } },
    ]);
    expect(() => bench.faults.set([{ match: { method: 'Checkpoint' }, do: 'hang' }])).toThrow(
      /^faults: \[0\]\.match\.method Checkpoint is neither/,
    );
    expect(await bench.checkpoint()).toBe('13 INTERNAL: kept');
  });
});

describe('a fault can change a CRI call:', () => {
  test('the call is slow, also if it then fails', async () => {
    bench.faults.set([
      { match: { method: 'Version' }, do: { delay: '2s', abort: { code: 'INTERNAL', message: 'late' } } },
    ]);
    const answer = bench.client.failure('Version', {});
    await until(() => bench.runtime.calls.at(-1)?.method === 'Version');
    bench.clock.advance(1999);
    expect(bench.runtime.calls.at(-1)?.endedAt).toBeUndefined();
    bench.clock.advance(1);
    expect(await answer).toBe('13 INTERNAL: late');
  });

  test('the call hangs until its client disconnects', async () => {
    bench.faults.set([{ match: { method: 'Version' }, do: 'hang' }]);
    const versionCall = bench.client.startCall('Version', {});
    await until(() => bench.runtime.calls.at(-1)?.method === 'Version');
    versionCall.cancel();
    expect(await versionCall.failure).toMatch(/^1 CANCELLED/);
    await until(() => bench.runtime.calls.at(-1)?.endedAt !== undefined);
  });

  test.each(['disconnect', 'restart'] as const)('the connection of the call ends: %s', async (action) => {
    bench.faults.set([{ match: { method: 'Version' }, do: action }]);
    expect(await bench.client.failure('Version', {})).toMatch(/^14 UNAVAILABLE/);
    using again = testClient(bench.runtime.endpoint);
    expect((await again.call('ContainerStatus', { container_id: bench.id })).status?.state).toBe('CONTAINER_RUNNING');
  });
});

test('a streaming call fails, or waits and then continues', async () => {
  const streamed = () =>
    new Promise<string>((resolve) => {
      const { path: name, requestSerialize, responseDeserialize } = criCall('StreamPodSandboxes');
      const own = new Client(bench.runtime.endpoint, credentials.createInsecure());
      const names: string[] = [];
      own
        .makeServerStreamRequest(name, requestSerialize, responseDeserialize, {})
        .on('data', (answer: CriResponse<'StreamPodSandboxes'>) => {
          for (const { metadata } of answer.pod_sandboxes) names.push(metadata?.name ?? '');
        })
        .on('error', ({ message }) => {
          own.close();
          resolve(message);
        })
        .on('end', () => {
          own.close();
          resolve(names.join());
        });
    });
  const match = { method: 'StreamPodSandboxes' };
  bench.faults.set([
    { match, do: { abort: { code: 'UNAVAILABLE', message: 'down' } } },
    { match, do: { delay: 10 } },
  ]);
  expect(await streamed()).toBe('14 UNAVAILABLE: down');
  const late = streamed();
  let ended = false;
  void late.then(() => {
    ended = true;
  });
  while (!ended) {
    bench.clock.advance(1);
    await new Promise(setImmediate);
  }
  expect(await late).toBe('web');
});

describe('a fault can change a request to the kubelet:', () => {
  const request: HttpRequest = {
    method: 'POST',
    target: '/checkpoint/default/web/main?timeout=5',
    headers: {},
    signal: new AbortController().signal,
  };
  const next = async () => ({ status: 200, headers: [], body: '{"items":["x"]}' });
  const answer = (action: Action) => {
    bench.faults.set([{ match: { method: 'POST', pod: 'web' }, do: action }]);
    return bench.wrappers.http(request, next);
  };

  test('the response has an error status', async () => {
    expect(await answer({ status: 503, body: 'later' })).toEqual({ status: 503, headers: [], body: 'later' });
    expect(await bench.wrappers.http(request, next)).toEqual(await next());
  });
  test('the response has another body', async () => {
    expect(await answer({ body: '{}' })).toMatchObject({ status: 200, body: '{}' });
  });
  test('the response has a truncated body', async () => {
    expect(await answer({ truncate: 4 })).toEqual({
      status: 200,
      headers: [
        ['Content-Length', '15'],
        ['Connection', 'close'],
      ],
      body: '{"it',
    });
  });
  test('the connection ends without a response', async () => {
    await expect(answer({ reset: true })).rejects.toThrow();
  });
  test('a checkpoint request through the API server is recognized, and other requests are not changed', async () => {
    bench.faults.set([{ match: { pod: 'web' }, do: { status: 500 } }]);
    expect((await bench.wrappers.http({ ...request, target: '/pods' }, next)).status).toBe(200);
    const proxied = `/api/v1/nodes/n/proxy${request.target}`;
    expect((await bench.wrappers.http({ ...request, target: proxied }, next)).status).toBe(500);
  });
});
