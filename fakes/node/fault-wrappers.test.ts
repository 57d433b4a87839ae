// Tests the effects of faults on clients of both fakes.
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CriResponse, criCall } from '../../proto/load';
import { ManualClock } from '../base/clock';
import { Faults, unusedSentence } from '../faults/faults';
import type { Action, ArchiveFault } from '../faults/rule';
import type { HttpRequest } from '../go/net-http/exchange';
import { type RuntimeServer, startRuntimeServer } from '../runtime/server';
import { type TestClient, testClient } from '../runtime/testing/test-client';
import { type FaultWrappers, faultWrappers } from './fault-wrappers';

let directory: string;
let clock: ManualClock;
let faults: Faults;
let wrappers: FaultWrappers;
let runtime: RuntimeServer;
let client: TestClient;
let id: string;

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(tmpdir(), 'faults-'));
  clock = new ManualClock();
  faults = new Faults();
  wrappers = faultWrappers(faults, { clock, control: () => runtime.control });
  runtime = await startRuntimeServer({
    clock,
    cri: [wrappers.cri],
    streams: [wrappers.streams],
    archive: [wrappers.archive],
  });
  client = testClient(runtime.endpoint);
  id = await client.container(await client.pod('web'));
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
  await fs.rm(directory, { recursive: true });
});

const file = (name = 'a.tar') => path.join(directory, name);
const checkpoint = (name?: string) => client.failure('CheckpointContainer', { container_id: id, location: file(name) });
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise(setImmediate);
};

describe('a fault rule', () => {
  test('is used once, n times or always, and only the first matching rule is used', async () => {
    faults.set([
      { match: { method: 'CheckpointContainer' }, do: { abort: { code: 'UNAVAILABLE', message: 'down' } } },
      { match: { method: 'Version' }, times: 2, do: { abort: { code: 'INTERNAL', message: 'two' } } },
      { match: { method: 'Status' }, times: 'always', do: { abort: { code: 'ABORTED' } } },
    ]);
    expect([await checkpoint(), await checkpoint()]).toEqual(['14 UNAVAILABLE: down', 'OK']);
    const versions = [1, 2, 3].map(() => client.failure('Version', {}));
    expect((await Promise.all(versions)).sort()).toEqual(['13 INTERNAL: two', '13 INTERNAL: two', 'OK']);
    for (let i = 0; i < 5; i++) expect(await client.failure('Status', {})).toMatch(/^10 ABORTED/);
    expect(faults.report.map(({ seen, used }) => [seen, used])).toEqual([
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
  ])('with the match %j applies to this checkpoint: %s', async (match, met) => {
    const abort: Action = { abort: { code: 'INTERNAL' } };
    faults.set([{ match: { method: 'CheckpointContainer', ...match }, do: abort }]);
    expect(await checkpoint()).toMatch(met ? /^13/ : /^OK/);
    const [plan] = faults.report;
    faults.set([{ match, do: { archive: 'missing' } }]);
    expect(await checkpoint('b.tar')).toBe('OK');
    expect((await fs.readdir(directory)).includes('b.tar')).toBe(!met);
    expect(plan?.seen).toBe(met ? 1 : 0);
  });

  test('can apply to the n-th call only', async () => {
    faults.set([
      { match: { method: 'CheckpointContainer', call: 2 }, times: 'always', do: { abort: { code: 'INTERNAL' } } },
    ]);
    expect(await checkpoint()).toBe('OK');
    expect(await checkpoint()).toMatch(/^13/);
    expect(await checkpoint()).toBe('OK');
  });

  test('about a pod does not apply to calls that name no pod, and applies to the creation of the pod', async () => {
    faults.set([{ match: { pod: 'new' }, times: 'always', do: { abort: { code: 'INTERNAL', message: 'no' } } }]);
    expect(await client.failure('ListContainers', {})).toBe('OK');
    await expect(client.pod('new')).rejects.toThrow('13 INTERNAL: no');
    expect(await client.failure('ContainerStatus', { container_id: '' })).toMatch(/^3 INVALID/);
  });

  test('that was never used is reported', () => {
    faults.set([{ match: { pod: 'none' }, do: 'hang' }]);
    expect(faults.unused.map(unusedSentence)).toEqual([
      'faults[0]: this fault was never used: {"match":{"pod":"none"},"do":"hang"}',
    ]);
  });

  test('that is not valid is refused, and the previous rules are kept', async () => {
    faults.set([{ match: { method: 'CheckpointContainer' }, do: { abort: { code: 'INTERNAL', message: 'kept' } } }]);
    expect(() => faults.set([{ match: { method: 'Checkpoint' }, do: 'hang' }])).toThrow(
      /^faults: \[0\]\.match\.method Checkpoint is neither/,
    );
    expect(await checkpoint()).toBe('13 INTERNAL: kept');
  });
});

describe('a fault can make a CRI call', () => {
  test('slow, also before an error', async () => {
    faults.set([{ match: { method: 'Version' }, do: { delay: '2s', abort: { code: 'INTERNAL', message: 'late' } } }]);
    const answer = client.failure('Version', {});
    await until(() => runtime.calls.at(-1)?.method === 'Version');
    clock.advance(1999);
    expect(runtime.calls.at(-1)?.endedAt).toBeUndefined();
    clock.advance(1);
    expect(await answer).toBe('13 INTERNAL: late');
  });

  test('hang until its client disconnects', async () => {
    faults.set([{ match: { method: 'Version' }, do: 'hang' }]);
    const asked = client.startCall('Version', {});
    await until(() => runtime.calls.at(-1)?.method === 'Version');
    asked.cancel();
    expect(await asked.failure).toMatch(/^1 CANCELLED/);
    await until(() => runtime.calls.at(-1)?.endedAt !== undefined);
  });

  test.each(['disconnect', 'restart'] as const)('lose its connection: %s', async (action) => {
    faults.set([{ match: { method: 'Version' }, do: action }]);
    expect(await client.failure('Version', {})).toMatch(/^14 UNAVAILABLE/);
    using again = testClient(runtime.endpoint);
    expect((await again.call('ContainerStatus', { container_id: id })).status?.state).toBe('CONTAINER_RUNNING');
  });
});

test('fail or wait although it is a stream', async () => {
  const streamed = () =>
    new Promise<string>((resolve) => {
      const { path: name, requestSerialize, responseDeserialize } = criCall('StreamPodSandboxes');
      const own = new Client(runtime.endpoint, credentials.createInsecure());
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
  faults.set([
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
    clock.advance(1);
    await new Promise(setImmediate);
  }
  expect(await late).toBe('web');
});

describe('a fault can make an archive', () => {
  const archive = (kind: ArchiveFault) => faults.set([{ do: { archive: kind } }]);
  let size: number;
  beforeEach(async () => {
    await checkpoint('whole.tar');
    size = (await fs.stat(file('whole.tar'))).size;
    await fs.rm(file('whole.tar'));
  });
  const found = async (name = 'a.tar') => {
    const { mode, size: bytes } = await fs.stat(file(name));
    return { mode: (mode & 0o777).toString(8), bytes };
  };

  test.each([
    ['missing', undefined],
    ['empty', { mode: '600', bytes: 0 }],
    ['wrong-mode', { mode: '644', bytes: expect.any(Number) }],
    ['corrupt', { mode: '600', bytes: expect.any(Number) }],
  ] as const)('%s', async (kind, wanted) => {
    archive(kind);
    expect(await checkpoint()).toBe('OK');
    expect(await found().catch(() => undefined)).toEqual(wanted);
    expect(await checkpoint('right.tar')).toBe('OK');
    expect((await found('right.tar')).bytes).toBeGreaterThan(0);
  });

  test('late but intact', async () => {
    faults.set([{ do: { archive: 'intact', delay: 300 } }]);
    const timers = clock.pending;
    const answer = checkpoint();
    await until(() => clock.pending > timers);
    expect(runtime.control.container(id)?.frozen).toBe(false);
    clock.advance(299);
    expect(await fs.readdir(directory)).toEqual([]);
    clock.advance(1);
    expect(await answer).toBe('OK');
    expect(await found()).toEqual({ mode: '600', bytes: size });
  });
  test('truncated', async () => {
    archive('truncated');
    expect(await checkpoint()).toBe('OK');
    expect((await found()).bytes).toBeLessThan(size);
  });
  test('appear in a wrong location', async () => {
    archive('wrong-place');
    expect(await checkpoint()).toBe('OK');
    expect(await fs.readdir(directory)).toEqual(['misplaced-a.tar']);
  });
  test('incomplete and left behind by a failure', async () => {
    archive('left-over');
    expect(await checkpoint()).toBe(`13 INTERNAL: write ${file()}: input/output error`);
    expect((await found()).bytes).toBeGreaterThan(0);
  });
  test('fail for lack of disk space', async () => {
    archive('no-space');
    expect(await checkpoint()).toBe(`8 RESOURCE_EXHAUSTED: write ${file()}: no space left on device`);
    expect(await fs.readdir(directory)).toEqual([]);
  });
  test('slow to write, so that readers find an incomplete file', async () => {
    archive('slow-write');
    const answer = checkpoint();
    await until(() => clock.pending > 0);
    while (!(await fs.stat(file()).catch(() => undefined))?.size) await new Promise(setImmediate);
    const half = (await found()).bytes;
    expect(half).toBeLessThan(size);
    let ended = false;
    void answer.then(() => {
      ended = true;
    });
    while (!ended) {
      clock.advance(200);
      await new Promise(setImmediate);
    }
    expect(await answer).toBe('OK');
    expect((await found()).bytes).toBeGreaterThan(half);
    expect(await fs.readdir(directory)).toEqual(['a.tar']);
  });
  test('leave its container frozen', async () => {
    archive('frozen-container');
    expect(await client.failure('Version', {})).toBe('OK');
    expect(await checkpoint()).toBe('OK');
    expect(runtime.control.container(id)?.frozen).toBe(true);
  });
});

describe('a fault can make a request to the kubelet', () => {
  const request: HttpRequest = {
    method: 'POST',
    target: '/checkpoint/default/web/main?timeout=5',
    headers: {},
    signal: new AbortController().signal,
  };
  const next = async () => ({ status: 200, headers: [], body: '{"items":["x"]}' });
  const answer = (action: Action) => {
    faults.set([{ match: { method: 'POST', pod: 'web' }, do: action }]);
    return wrappers.http(request, next);
  };

  test('fail', async () => {
    expect(await answer({ status: 503, body: 'later' })).toEqual({ status: 503, headers: [], body: 'later' });
    expect(await wrappers.http(request, next)).toEqual(await next());
  });
  test('return another body', async () => {
    expect(await answer({ body: '{}' })).toMatchObject({ status: 200, body: '{}' });
  });
  test('return a truncated body', async () => {
    expect(await answer({ truncate: 4 })).toEqual({
      status: 200,
      headers: [
        ['Content-Length', '15'],
        ['Connection', 'close'],
      ],
      body: '{"it',
    });
  });
  test('end without a response', async () => {
    await expect(answer({ reset: true })).rejects.toThrow();
  });
  test('different if it comes through the API server', async () => {
    faults.set([{ match: { pod: 'web' }, do: { status: 500 } }]);
    expect((await wrappers.http({ ...request, target: '/pods' }, next)).status).toBe(200);
    const proxied = `/api/v1/nodes/n/proxy${request.target}`;
    expect((await wrappers.http({ ...request, target: proxied }, next)).status).toBe(500);
  });
});
