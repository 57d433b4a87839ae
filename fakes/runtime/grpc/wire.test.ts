// Tests how calls are served: interceptors, the call log, deadlines and clients that disconnect.

import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { type CriCall, type CriWrapper, onMethod } from '../../base/cri-call';
import { type FakeRuntimeOptions, type RuntimeServer, startRuntimeServer } from '../server';
import { testClient, until } from '../testing/test-client';
import { StatusError } from './errors';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function start(options: FakeRuntimeOptions = {}) {
  const runtime = await startRuntimeServer(options);
  endings.push(() => runtime.close());
  const client = testClient(runtime.endpoint);
  endings.push(() => client[Symbol.dispose]());
  return { runtime, client };
}

describe('interceptors of CRI calls', () => {
  test('see every unary call, the first interceptor first', async () => {
    const seen: string[] = [];
    const note =
      (name: string): CriWrapper =>
      async (call, next) => {
        seen.push(`${name} ${call.method}`);
        return next(call);
      };
    const { client } = await start({ cri: [note('outer'), note('inner')] });
    await client.call('Version', {});
    await client.call('ListImages', {});
    await client.failure('ExecSync', {});
    expect(seen).toEqual(['Version', 'ListImages', 'ExecSync'].flatMap((name) => [`outer ${name}`, `inner ${name}`]));
  });

  test('can respond, change requests and responses, and fail with a given status', async () => {
    const { client, runtime } = await start({
      cri: [
        onMethod('ExecSync', async () => ({ stdout: Buffer.from('hi\n'), exit_code: 3 })),
        onMethod('Version', async (call, next) => ({ ...(await next(call)), runtime_name: 'other' })),
        onMethod('ImageStatus', (call, next) => next({ ...call, request: { ...call.request, image: null } })),
        onMethod('ListContainers', async () => {
          throw new StatusError(status.UNAVAILABLE, 'server is not initialized yet');
        }),
        onMethod('ListPodSandbox', async () => Promise.reject('no error at all')),
      ],
    });
    expect(await client.call('ExecSync', {})).toMatchObject({ stdout: Buffer.from('hi\n'), exit_code: 3 });
    expect((await client.call('Version', {})).runtime_name).toBe('other');
    expect(await client.failure('ImageStatus', { image: { image: 'busybox' } })).toMatch(/^3 .*must not be empty$/);
    expect(await client.failure('ListContainers', {})).toBe('14 UNAVAILABLE: server is not initialized yet');
    expect(await client.failure('ListPodSandbox', {})).toBe('13 INTERNAL: no error at all');
    expect(runtime.calls[0]).toMatchObject({ method: 'ExecSync', response: { stdout: 'hi\n', exit_code: 3 } });
  });

  test('can read and change a list, which is otherwise the same as without interceptors', async () => {
    const { client: plain, runtime: unwrapped } = await start({ clock: new ManualClock() });
    const { client, runtime } = await start({
      clock: new ManualClock(),
      ids: { next: () => unwrapped.control.state().sandboxes[0]?.id ?? '' },
      cri: [
        onMethod('ListPodSandbox', async (call, next) => {
          const { items } = await next(call);
          return { items: [...(items ?? []), { id: 'added' }] };
        }),
      ],
    });
    await plain.pod();
    await client.pod();
    const { items } = await plain.call('ListPodSandbox', {});
    const changed = await client.call('ListPodSandbox', {});
    expect(items).toHaveLength(1);
    expect(changed.items.slice(0, 1)).toEqual(items);
    expect(changed.items[1]?.id).toBe('added');
    const logged = (calls: RuntimeServer['calls']) => calls.at(-1)?.response as { items: object[] };
    expect(logged(runtime.calls).items).toEqual([...logged(unwrapped.calls).items, { id: 'added' }]);
  });
});

describe('the call log', () => {
  test('has rows in the form of recorded calls', async () => {
    const clock = new ManualClock(5000);
    const { client, runtime } = await start({ clock });
    const id = await client.pod('web');
    await client.failure('ContainerStatus', { container_id: 'x' }, { deadline: Date.now() + 120_000 });
    const metadata = { name: 'web', uid: 'uid-web', namespace: 'default' };
    expect(runtime.calls).toEqual([
      {
        index: 1,
        startedAt: 5000,
        endedAt: 5000,
        service: 'RuntimeService',
        method: 'RunPodSandbox',
        request: { config: { metadata } },
        response: { pod_sandbox_id: id },
      },
      {
        index: 2,
        startedAt: 5000,
        endedAt: 5000,
        service: 'RuntimeService',
        method: 'ContainerStatus',
        deadlineSeconds: expect.closeTo(120, -1),
        request: { container_id: 'x' },
        error: { code: 'NOT_FOUND', message: expect.stringContaining('"x": not found') },
      },
    ]);
  });

  test('shows a running call without an end', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client, runtime } = await start({
      cri: [onMethod('Version', (call, next) => gate.then(() => next(call)))],
    });
    const answer = client.call('Version', {});
    await until(() => runtime.calls.length === 1);
    expect(runtime.calls[0]).not.toHaveProperty('endedAt');
    release();
    await answer;
    expect(runtime.calls[0]).toHaveProperty('endedAt');
  });

  test('cuts long lists, whichever response they are in', async () => {
    const items = Array.from({ length: 101 }, (_, n) => ({ id: String(n + 1) }));
    const { client, runtime } = await start({ cri: [onMethod('ListImages', async () => ({ images: items }))] });
    for (let n = 0; n < 101; n++) await client.pod(`pod-${n}`);
    expect((await client.call('ListPodSandbox', {})).items).toHaveLength(101);
    expect((await client.call('ListImages', {})).images).toHaveLength(101);
    const [pods, images] = runtime.calls.slice(-2).map(({ response }) => response);
    expect((pods as { items: object[] }).items).toHaveLength(100);
    expect(images).toEqual({ images: items.slice(0, 100) });
  });

  test('keeps the last rows, and is empty after a reset', async () => {
    const { client, runtime } = await start({ settings: { callLogLength: 10 } });
    for (let n = 0; n < 40; n++) await client.call('Version', {});
    expect(runtime.calls.length).toBeLessThanOrEqual(12);
    expect(runtime.calls.at(-1)?.index).toBe(40);
    await client.container(await client.pod());
    runtime.control.reset();
    expect(runtime.calls).toEqual([]);
    expect(runtime.control.state()).toMatchObject({ sandboxes: [], containers: [] });
    await client.pod();
    expect(runtime.calls[0]?.index).toBe(1);
  });
});

describe('the deadlines of calls', () => {
  const DAY = 86_400;
  test.each([
    [5, 5],
    [30 * DAY, 30 * DAY],
    [50 * DAY, 50 * DAY],
    // The header has at most eight digits. Longer values are sent in minutes, then in hours, rounded up.
    [1e9, 1_000_000_020],
    [9_223_372_036, 9_223_372_036.854776],
  ])('of %d s are seen as %d s by handlers', async (seconds, seen) => {
    const calls: CriCall[] = [];
    const recordDeadline: CriWrapper = (call, next) => {
      calls.push(call);
      return next(call);
    };
    const { client, runtime } = await start({ cri: [recordDeadline] });
    // Connect first, because the client subtracts the time for connecting from its deadline.
    await client.call('Status', {});
    calls.length = 0;
    await client.call('Version', {}, { deadline: Date.now() + seconds * 1000 });
    expect(Math.abs((calls[0]?.deadlineSeconds ?? 0) - seen)).toBeLessThan(1);
    expect(runtime.calls[1]?.deadlineSeconds).toBe(calls[0]?.deadlineSeconds);
    expect(calls[0]?.signal.aborted).toBe(false);
  });

  test('are absent if the client set none', async () => {
    const { client, runtime } = await start();
    await client.call('Version', {});
    expect(runtime.calls[0]).not.toHaveProperty('deadlineSeconds');
  });
});

describe('a call that hangs', () => {
  const hang: CriWrapper = (call) =>
    new Promise((_resolve, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)));

  test('ends at its deadline, with the error of the client and not of the server', async () => {
    const clock = new ManualClock();
    const { client, runtime } = await start({ clock, cri: [onMethod('Version', hang)] });
    // Connect first, so that the deadline does not include the time for connecting.
    await client.call('Status', {});
    const answer = client.failure('Version', {}, { deadline: Date.now() + 1000 });
    await until(() => runtime.calls.length === 2);
    clock.advance(1000);
    await until(() => runtime.calls[1]?.endedAt !== undefined);
    expect(runtime.calls[1]?.error).toEqual({ code: 'DEADLINE_EXCEEDED', message: 'context deadline exceeded' });
    // This is the message of grpc-js's client.
    expect(await answer).toMatch(/^4 DEADLINE_EXCEEDED: Deadline exceeded after/);
    await until(() => clock.pending === 0);
  });

  test('ends when its client disconnects', async () => {
    const { client, runtime } = await start({ clock: new ManualClock(), cri: [hang] });
    const versionCall = client.startCall('Version', {});
    await until(() => runtime.calls.length === 1);
    versionCall.cancel();
    await until(() => runtime.calls[0]?.endedAt !== undefined);
    expect(runtime.calls[0]?.error).toEqual({ code: 'CANCELLED', message: 'context canceled' });
  });
});
