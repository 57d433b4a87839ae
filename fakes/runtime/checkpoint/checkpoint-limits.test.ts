// Tests CheckpointContainer with disconnecting clients, timeouts, write errors and concurrent calls.
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { until } from '../testing/test-client';
import { CheckpointBench } from '../testing/test-runtime';

const set = new CheckpointBench();
const { bench } = set;

/** Expects that the interrupted call did not change the files or the container. */
async function expectUntouched(id: string) {
  await until(() => bench.runtime.calls.at(-1)?.endedAt !== undefined);
  expect(readdirSync(bench.directory)).toEqual([]);
  expect(set.view(id)).toMatchObject({ state: 'CONTAINER_RUNNING', frozen: false });
}

describe('when the client disconnects', () => {
  test('while the container is paused, no file is left and the container is resumed', async () => {
    const id = await bench.client.container(await bench.client.pod());
    const checkpointCall = bench.client.startCall('CheckpointContainer', {
      container_id: id,
      location: set.at('a.tar'),
    });
    await until(() => set.view(id)?.frozen === true);
    checkpointCall.cancel();
    expect(await checkpointCall.failure).toMatch(/^1 CANCELLED/);
    await expectUntouched(id);
    expect(set.jobs).toEqual([]);
  });

  test('while the archive is written, no file is left and the container keeps running', async () => {
    set.gate = ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    const id = await bench.client.container(await bench.client.pod());
    const checkpointCall = bench.client.startCall('CheckpointContainer', {
      container_id: id,
      location: set.at('a.tar'),
    });
    await until(() => set.view(id)?.frozen === true);
    bench.clock.advance(100);
    await until(() => set.jobs.length === 1);
    checkpointCall.cancel();
    expect(await checkpointCall.failure).toMatch(/^1 CANCELLED/);
    await expectUntouched(id);
  });

  test('because the runtime shuts down, the archive is removed before the shutdown ends', async () => {
    let writing = false;
    set.gate = ({ signal }) =>
      new Promise((resolve) => {
        writing = true;
        signal.addEventListener('abort', () => setTimeout(resolve, 20));
      });
    const id = await bench.client.container(await bench.client.pod());
    const answer = bench.client.failure('CheckpointContainer', { container_id: id, location: set.at('a.tar') });
    await until(() => set.view(id)?.frozen === true);
    bench.clock.advance(100);
    await until(() => writing);
    await bench.runtime.close();
    expect(readdirSync(bench.directory)).toEqual([]);
    expect(await answer).toMatch(/^(1 CANCELLED|14 UNAVAILABLE)/);
  });

  test("the call's deadline also ends the call in the runtime", async () => {
    const id = await bench.client.container(await bench.client.pod());
    const request = { container_id: id, location: set.at('a.tar') };
    const answer = bench.client.failure('CheckpointContainer', request, { deadline: Date.now() + 3_600_000 });
    set.gate = ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    await until(() => set.view(id)?.frozen === true);
    bench.clock.advance(100);
    await until(() => set.jobs.length === 1);
    bench.clock.advance(3_600_000);
    await expectUntouched(id);
    expect(bench.runtime.calls.at(-1)?.error).toEqual({
      code: 'DEADLINE_EXCEEDED',
      message: 'context deadline exceeded',
    });
    // A client that is still connected gets the response.
    bench.clock.advance(1000);
    expect(await answer).toBe('4 DEADLINE_EXCEEDED: context deadline exceeded');
  });
});

test("the request's own timeout also ends the call", async () => {
  const id = await bench.client.container(await bench.client.pod());
  set.gate = ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const answer = set.checkpoint(id, 'a.tar', { timeout: 5 });
  await until(() => set.jobs.length === 1);
  bench.clock.advance(5000);
  expect(await answer).toBe(`4 DEADLINE_EXCEEDED: checkpointing container "${id}" took longer than the timeout of 5 s`);
  await expectUntouched(id);
});

test.each(['9223372036854775807', '9223372036', '4320000'])(
  'a timeout of %s s is the same as no timeout',
  async (timeout) => {
    const id = await bench.client.container(await bench.client.pod());
    const { pending } = bench.clock;
    expect(await set.checkpoint(id, 'a.tar', { timeout: Number(timeout) })).toBe('OK');
    // The timer of a timeout that no longer applies was removed.
    expect(bench.clock.pending).toBe(pending);
  },
);

test('a write error is returned to the client, and the container keeps running', async () => {
  set.gate = async () => {
    throw new Error('the disk is on fire');
  };
  const id = await bench.client.container(await bench.client.pod());
  expect(await set.checkpoint(id, 'a.tar')).toBe('13 INTERNAL: the disk is on fire');
  await expectUntouched(id);
});

test('a container that exits during the checkpoint is not checkpointed', async () => {
  const id = await bench.client.container(await bench.client.pod());
  const answer = bench.client.failure('CheckpointContainer', { container_id: id, location: set.at('a.tar') });
  await until(() => set.view(id)?.frozen === true);
  await bench.client.call('RemoveContainer', { container_id: id });
  expect(await answer).toBe(`9 FAILED_PRECONDITION: container "${id}" ended while it was checkpointed`);
  expect(readdirSync(bench.directory)).toEqual([]);
});

test('concurrent checkpoints of one container run one after the other, and all are correct', async () => {
  const id = await bench.client.container(await bench.client.pod());
  const names = ['a.tar', 'b.tar', 'c.tar'];
  const answers = names.map((name) =>
    bench.client.failure('CheckpointContainer', { container_id: id, location: set.at(name) }),
  );
  for (const [turn] of names.entries()) {
    await until(() => set.view(id)?.frozen === true);
    expect(set.jobs.length).toBe(turn);
    bench.clock.advance(100);
    await until(() => names.filter((name) => existsSync(set.at(name))).length === turn + 1);
  }
  expect(await Promise.all(answers)).toEqual(['OK', 'OK', 'OK']);
  expect(names.map((name) => set.read(name).containerId)).toEqual([id, id, id]);
  expect(set.view(id)?.frozen).toBe(false);
});

test('a client can disconnect while its call waits in the queue, and the next call is run', async () => {
  const id = await bench.client.container(await bench.client.pod());
  const first = bench.client.failure('CheckpointContainer', { container_id: id, location: set.at('a.tar') });
  await until(() => set.view(id)?.frozen === true);
  const calls = bench.runtime.calls.length;
  const second = bench.client.startCall('CheckpointContainer', { container_id: id, location: set.at('b.tar') });
  await until(() => bench.runtime.calls.length > calls);
  second.cancel();
  expect(await second.failure).toMatch(/^1 CANCELLED/);
  await until(() => bench.runtime.calls.at(-1)?.endedAt !== undefined);
  const third = bench.client.failure('CheckpointContainer', { container_id: id, location: set.at('c.tar') });
  bench.clock.advance(100);
  expect(await first).toBe('OK');
  await until(() => set.view(id)?.frozen === true);
  bench.clock.advance(100);
  expect(await third).toBe('OK');
  expect(readdirSync(bench.directory)).toEqual(['a.tar', 'c.tar']);
});

test('checkpoints of different containers do not wait for each other', async () => {
  const sandbox = await bench.client.pod();
  const ids = [
    await bench.client.container(sandbox),
    await bench.client.container(sandbox, { metadata: { name: 'other' } }),
  ];
  const answers = ids.map((container_id, n) =>
    bench.client.failure('CheckpointContainer', { container_id, location: set.at(`${n}.tar`) }),
  );
  await until(() => ids.every((id) => set.view(id)?.frozen === true));
  bench.clock.advance(100);
  expect(await Promise.all(answers)).toEqual(['OK', 'OK']);
});

test('of many concurrent checkpoints, the first gets its response before the last one starts', async () => {
  const many = 40;
  const sandbox = await bench.client.pod();
  const ids: string[] = [];
  for (let n = 0; n < many; n += 1) {
    ids.push(await bench.client.container(sandbox, { metadata: { name: `c${n}` } }));
  }
  // With these settings the order depends only on the event loop, and not on time or a disk.
  bench.runtime.control.setCheckpointTime(0);
  set.writes = false;
  const started: number[] = [];
  await Promise.all(
    ids.map(async (container_id, n) => {
      await bench.client.call('CheckpointContainer', { container_id, location: set.at(`${n}.tar`) });
      started.push(set.jobs.length);
    }),
  );
  expect(started[0]).toBeLessThan(many);
  expect(started.at(-1)).toBe(many);
});
