// CheckpointContainer under pressure: callers that leave, timeouts, failures, several at once.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ContainerSnapshot } from '../archive/snapshot';
import { ManualClock } from '../clock';
import type { ArchiveJob } from '../wires';
import { type FakeRuntime, startFakeRuntime } from './server';
import { snapshotWriter, type TestClient, testClient, until } from './test-client';

const START = Date.UTC(2026, 10, 23, 12);
let clock: ManualClock;
let runtime: FakeRuntime;
let client: TestClient;
let folder: string;
let jobs: ArchiveJob[];
/** What the writing of an archive waits for; nothing unless a test says otherwise. */
let gate: (job: ArchiveJob) => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
  clock = new ManualClock(START);
  jobs = [];
  gate = async () => {};
  runtime = await startFakeRuntime({
    clock,
    settings: { hostname: 'node1', checkpointMillisecondsPerMiB: 100 },
    archiveWriter: snapshotWriter,
    archive: [
      async (job, next) => {
        jobs.push(job);
        await gate(job);
        await next(job);
      },
    ],
  });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => path.join(folder, name);
const view = (id: string) => runtime.control.state().containers.find((container) => container.id === id);
const read = (name: string): ContainerSnapshot => JSON.parse(readFileSync(at(name), 'utf8'));

/** Starts a checkpoint and moves the clock beyond the time that it freezes the container for. */
async function checkpoint(container_id: string, name: string, extra: { timeout?: number } = {}) {
  const before = runtime.calls.length;
  const answer = client.failure('CheckpointContainer', { container_id, location: at(name), ...extra });
  // A refused call arms no timer and is over at once.
  await until(() => runtime.calls.length > before && view(container_id)?.frozen !== false && clock.pending > 0);
  clock.advance(100);
  return answer;
}

/** Any caller that leaves: what is left is the file system and the container as they were. */
async function expectUntouched(id: string) {
  await until(() => runtime.calls.at(-1)?.endedAt !== undefined);
  expect(readdirSync(folder)).toEqual([]);
  expect(view(id)).toMatchObject({ state: 'CONTAINER_RUNNING', frozen: false });
}

describe('when the caller leaves', () => {
  test('while the container stands still, nothing is left and it runs on', async () => {
    const id = await client.container(await client.pod());
    const request = { container_id: id, location: at('a.tar') };
    expect(await client.failure('CheckpointContainer', request, { deadline: Date.now() + 60 })).toMatch(/^4 /);
    await expectUntouched(id);
    expect(jobs).toEqual([]);
  });

  test('while the archive is written, nothing is left either', async () => {
    gate = ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    const id = await client.container(await client.pod());
    const request = { container_id: id, location: at('a.tar') };
    const answer = client.failure('CheckpointContainer', request, { deadline: Date.now() + 500 });
    await until(() => view(id)?.frozen === true);
    clock.advance(100);
    expect(await answer).toMatch(/^4 /);
    await expectUntouched(id);
  });

  test('because the runtime ends, the archive is gone when it has ended', async () => {
    let writing = false;
    gate = ({ signal }) =>
      new Promise((resolve) => {
        writing = true;
        signal.addEventListener('abort', () => setTimeout(resolve, 20));
      });
    const id = await client.container(await client.pod());
    const answer = client.failure('CheckpointContainer', { container_id: id, location: at('a.tar') });
    await until(() => view(id)?.frozen === true);
    clock.advance(100);
    await until(() => writing);
    await runtime.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(await answer).toMatch(/^(1 CANCELLED|14 UNAVAILABLE)/);
  });

  test('the deadline of the call passes at the runtime, too', async () => {
    const id = await client.container(await client.pod());
    const request = { container_id: id, location: at('a.tar') };
    const answer = client.failure('CheckpointContainer', request, { deadline: Date.now() + 3_600_000 });
    gate = ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    await until(() => view(id)?.frozen === true);
    clock.advance(100);
    await until(() => jobs.length === 1);
    clock.advance(3_600_000);
    await expectUntouched(id);
    expect(runtime.calls.at(-1)?.error).toEqual({ code: 'DEADLINE_EXCEEDED', message: 'context deadline exceeded' });
    // A caller that stays gets its answer after all.
    clock.advance(1000);
    expect(await answer).toBe('4 DEADLINE_EXCEEDED: context deadline exceeded');
  });
});

test("the request's own timeout bounds it as well", async () => {
  const id = await client.container(await client.pod());
  gate = ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const answer = checkpoint(id, 'a.tar', { timeout: 5 });
  await until(() => jobs.length === 1);
  clock.advance(5000);
  expect(await answer).toBe(`4 DEADLINE_EXCEEDED: checkpointing container "${id}" took longer than the timeout of 5 s`);
  await expectUntouched(id);
});

test.each(['9223372036854775807', '9223372036', '4320000'])(
  'a timeout of %s s is none in practice',
  async (timeout) => {
    const id = await client.container(await client.pod());
    expect(await checkpoint(id, 'a.tar', { timeout: Number(timeout) })).toBe('OK');
  },
);

test('a failure to write is the answer, and the container runs on', async () => {
  gate = async () => {
    throw new Error('the disk is on fire');
  };
  const id = await client.container(await client.pod());
  expect(await checkpoint(id, 'a.tar')).toBe('13 INTERNAL: the disk is on fire');
  await expectUntouched(id);
});

test('a container that ends meanwhile is not checkpointed', async () => {
  const id = await client.container(await client.pod());
  const answer = client.failure('CheckpointContainer', { container_id: id, location: at('a.tar') });
  await until(() => view(id)?.frozen === true);
  await client.call('RemoveContainer', { container_id: id });
  expect(await answer).toBe(`9 FAILED_PRECONDITION: container "${id}" ended while it was checkpointed`);
  expect(readdirSync(folder)).toEqual([]);
});

test('several at once of one container take turns, and all are right', async () => {
  const id = await client.container(await client.pod());
  const names = ['a.tar', 'b.tar', 'c.tar'];
  const answers = names.map((name) => client.failure('CheckpointContainer', { container_id: id, location: at(name) }));
  for (const [turn] of names.entries()) {
    await until(() => view(id)?.frozen === true);
    expect(jobs.length).toBe(turn);
    clock.advance(100);
    await until(() => names.filter((name) => existsSync(at(name))).length === turn + 1);
  }
  expect(await Promise.all(answers)).toEqual(['OK', 'OK', 'OK']);
  expect(names.map((name) => read(name).containerId)).toEqual([id, id, id]);
  expect(view(id)?.frozen).toBe(false);
});

test('one that waits for its turn can be left, and the next has it', async () => {
  const id = await client.container(await client.pod());
  const first = client.failure('CheckpointContainer', { container_id: id, location: at('a.tar') });
  await until(() => view(id)?.frozen === true);
  const request = { container_id: id, location: at('b.tar') };
  expect(await client.failure('CheckpointContainer', request, { deadline: Date.now() + 30 })).toMatch(/^4 /);
  const third = client.failure('CheckpointContainer', { container_id: id, location: at('c.tar') });
  clock.advance(100);
  expect(await first).toBe('OK');
  await until(() => view(id)?.frozen === true);
  clock.advance(100);
  expect(await third).toBe('OK');
  expect(readdirSync(folder)).toEqual(['a.tar', 'c.tar']);
});

test('of different containers do not wait for each other', async () => {
  const sandbox = await client.pod();
  const ids = [await client.container(sandbox), await client.container(sandbox, { metadata: { name: 'other' } })];
  const answers = ids.map((container_id, n) =>
    client.failure('CheckpointContainer', { container_id, location: at(`${n}.tar`) }),
  );
  await until(() => ids.every((id) => view(id)?.frozen === true));
  clock.advance(100);
  expect(await Promise.all(answers)).toEqual(['OK', 'OK']);
});
