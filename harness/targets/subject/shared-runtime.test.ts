// Tests that specs share sandboxes, read logs at the path that the runtime reports, and repeat checkpoints that failed
// once.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CriWrapper, onMethod } from '../../../fakes/base/cri-call';
import { withLogElsewhere } from '../../../fakes/deviations/mutants/runtime/log-elsewhere';
import { startRuntimeServer } from '../../../fakes/runtime/server';
import type { Runtime } from '../../../specs/subject/subject';
import { CriClient } from '../../clients/cri-client';
import { DEFAULT_IMAGE } from '../../run/settings';
import { ExchangeLog } from './exchange-log';
import { poll } from './poll';
import { NO_ADMIN } from './runtime-admin';
import { SharedRuntime } from './shared-runtime';
import { TrackedRuntime } from './tracked-runtime';

let scratch: string;
beforeEach(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-shared-'));
});
afterEach(() => fs.rmSync(scratch, { recursive: true }));

/** Calls `use` with the shared state of a runtime, and checks that nothing is left afterwards. */
async function withRuntime(use: (shared: SharedRuntime) => Promise<void>, ...cri: CriWrapper[]) {
  await using runtime = await startRuntimeServer({ images: [DEFAULT_IMAGE], cri });
  const client = new CriClient(runtime.endpoint);
  try {
    const shared = new SharedRuntime({ client, scratch, image: DEFAULT_IMAGE, runtimeHandler: '', admin: NO_ADMIN });
    await use(shared);
    await shared[Symbol.asyncDispose]();
    expect(runtime.control.state().sandboxes).toEqual([]);
  } finally {
    client.close();
  }
  expect(fs.readdirSync(scratch)).toEqual([]);
}

/** Runs an action as a spec would, and removes what the action created. */
async function asSpec<T>(shared: SharedRuntime, action: (runtime: Runtime) => Promise<T>): Promise<T> {
  await using own = new TrackedRuntime(shared, new ExchangeLog());
  return await action(own.runtime);
}

const sandboxOf = async (runtime: Runtime) => (await runtime.started()).sandboxId;

test('a spec gets the sandbox of the one before, empty, and two at once have their own', () =>
  withRuntime(async (shared) => {
    const first = await asSpec(shared, sandboxOf);
    await asSpec(shared, async (runtime) => {
      expect(await sandboxOf(runtime)).toBe(first);
      expect(await sandboxOf(runtime)).not.toBe(first);
      const listed = await runtime.call('ListContainers', { filter: { pod_sandbox_id: first } });
      expect(listed.ok && listed.response.containers).toHaveLength(1);
      expect(await asSpec(shared, sandboxOf)).not.toBe(first);
    });
  }));

test('a sandbox in which a container could not be created is not used again', () =>
  withRuntime(async (shared) => {
    const refused = await asSpec(shared, (runtime) => runtime.tried({ image: path.join(scratch, 'none.tar') }));
    expect(refused.outcome.ok).toBe(false);
    expect(await asSpec(shared, sandboxOf)).not.toBe(refused.sandboxId);
  }));

test('a sandbox that a spec stopped, or that is not empty, is not used again', async () => {
  let refuses = false;
  const stubborn = onMethod('RemoveContainer', (call, next) => {
    if (refuses) return Promise.reject(new Error('not now'));
    return next(call);
  });
  await withRuntime(async (shared) => {
    const stopped = await asSpec(shared, async (runtime) => {
      const pod_sandbox_id = await sandboxOf(runtime);
      await runtime.call('StopPodSandbox', { pod_sandbox_id });
      return pod_sandbox_id;
    });
    const second = await asSpec(shared, sandboxOf);
    expect(second).not.toBe(stopped);
    refuses = true;
    await expect(asSpec(shared, sandboxOf)).rejects.toThrow(
      /^not everything could be removed: RemoveContainer .*not now/,
    );
    refuses = false;
    expect(await asSpec(shared, sandboxOf)).not.toBe(second);
  }, stubborn);
});

test('a log is read where the status of the container says that it is', () =>
  withRuntime(
    (shared) =>
      asSpec(shared, async (runtime) => {
        const container = await runtime.started();
        const [isSeen] = await poll(container.progress, (lines) => lines > 0, 5_000);
        expect([isSeen, fs.existsSync(container.logPath)]).toEqual([true, false]);
      }),
    onMethod('CreateContainer', (call, next) => next(withLogElsewhere(call))),
  ));

test.each([
  ['once', 1, true, 1],
  ['again', 2, false, 2],
])('a checkpoint that fails %s', async (_, failing, ok, failures) => {
  let left = failing;
  const fails = onMethod('CheckpointContainer', (call, next) =>
    left-- > 0 ? Promise.reject(new Error('criu failed')) : next(call),
  );
  await withRuntime(
    (shared) =>
      asSpec(shared, async (runtime) => {
        const location = path.join(await runtime.directory(), 'x.tar');
        expect((await runtime.checkpointed(await runtime.started(), location)).ok).toBe(ok);
        expect([runtime.dumps().tried, runtime.dumps().failures.length]).toEqual([2, failures]);
      }),
    fails,
  );
});
