// How containers end when they are asked to.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../clock';
import { type FakeRuntime, startFakeRuntime } from './server';
import { type TestClient, testClient, until } from './test-client';

const START = Date.UTC(2026, 10, 23, 12);
let clock: ManualClock;
let runtime: FakeRuntime;
let client: TestClient;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
  clock = new ManualClock(START);
  let count = 0;
  // Ids that start alike, so that prefixes can be ambiguous.
  const next = () => `${count++ < 2 ? 'aa' : 'bb'}${String(count).padStart(62, '0')}`;
  runtime = await startFakeRuntime({ clock, ids: { next }, settings: { hostname: 'node1' } });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const status = async (container_id: string) => (await client.call('ContainerStatus', { container_id })).status;

describe('stopping', () => {
  /** A running container, and what became of it when it was stopped with a grace period in seconds. */
  async function stop(script: string, timeout: number, advance: number) {
    const id = await client.container(await client.pod(), { command: ['sh', '-c', script] });
    clock.advance(0);
    const stopped = client.call('StopContainer', { container_id: id, timeout });
    await until(() => runtime.calls.at(-1)?.method === 'StopContainer');
    clock.advance(advance);
    await stopped;
    return status(id);
  }

  test.each([
    ['sleep 100', 30, 0, 143],
    ['sleep 100', 0, 0, 137],
    ["trap '' TERM; sleep 100", 2, 2000, 137],
    ["trap '' TERM; sleep 100", 0, 0, 137],
    ["trap 'exit 5' TERM; sleep 100", 2, 0, 5],
    ["trap '' TERM; sleep 1; exit 6", 2, 1000, 6],
  ])('%j with a grace of %d s ends after %d ms with %d', async (script, grace, advance, code) => {
    expect(await stop(script, grace, advance)).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: code });
    expect(clock.pending).toBe(0);
  });

  test('waits for the grace period and not longer', async () => {
    const id = await client.container(await client.pod(), { command: ['sh', '-c', "trap '' TERM; sleep 100"] });
    clock.advance(0);
    const stopped = client.call('StopContainer', { container_id: id, timeout: 5 });
    await until(() => runtime.calls.at(-1)?.method === 'StopContainer');
    clock.advance(4999);
    expect((await status(id))?.state).toBe('CONTAINER_RUNNING');
    clock.advance(1);
    await stopped;
    expect((await status(id))?.finished_at).toBe(`${START + 5000}000000`);
  });

  test('an init of its own pid namespace is not ended by a signal that it does not handle', async () => {
    const linux = { security_context: { namespace_options: { pid: 'CONTAINER' } } } as const;
    const id = await client.container(await client.pod(), { linux });
    const stopped = client.call('StopContainer', { container_id: id, timeout: 2 });
    await until(() => runtime.calls.at(-1)?.method === 'StopContainer');
    clock.advance(2000);
    await stopped;
    expect(await status(id)).toMatchObject({ exit_code: 137, reason: 'Error' });
  });

  test('does nothing to what does not run', async () => {
    const id = await client.created(await client.pod());
    await client.call('StopContainer', { container_id: id, timeout: 10 });
    expect((await status(id))?.state).toBe('CONTAINER_CREATED');
  });

  test('takes the stop signal of the container', async () => {
    const id = await client.container(await client.pod(), { stop_signal: 'SIGNAL_SIGUSR1' });
    await client.call('StopContainer', { container_id: id, timeout: 10 });
    expect(await status(id)).toMatchObject({ exit_code: 138, stop_signal: 'SIGNAL_SIGUSR1' });
  });

  test('a caller who leaves while it waits leaves the container asked, not killed', async () => {
    const id = await client.container(await client.pod(), { command: ['sh', '-c', "trap '' TERM; sleep 100"] });
    clock.advance(0);
    const message = await client.failure(
      'StopContainer',
      { container_id: id, timeout: 60 },
      { deadline: Date.now() + 50 },
    );
    expect(message).toMatch(/^4 DEADLINE_EXCEEDED/);
    await until(() => runtime.calls.at(-1)?.endedAt !== undefined);
    clock.advance(90_000);
    expect((await status(id))?.state).toBe('CONTAINER_RUNNING');
  });

  test('a frozen container feels the signal when it thaws', async () => {
    const id = await client.container(await client.pod());
    runtime.control.freeze(id);
    const stopped = client.call('StopContainer', { container_id: id, timeout: 30 });
    await until(() => runtime.calls.at(-1)?.method === 'StopContainer');
    expect((await status(id))?.state).toBe('CONTAINER_RUNNING');
    runtime.control.thaw(id);
    await stopped;
    expect((await status(id))?.exit_code).toBe(143);
  });
});
