// Tests specs that end while they are creating something. What they created is removed too, or the error names it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CriWrapper, onMethod } from '../../../fakes/base/cri-call';
import { startRuntimeServer } from '../../../fakes/runtime/server';
import { CriClient } from '../../clients/cri-client';
import { DEFAULT_IMAGE } from '../../run/settings';
import { ExchangeLog } from './exchange-log';
import { NO_ADMIN } from './runtime-admin';
import { SharedRuntime } from './shared-runtime';
import { TrackedRuntime } from './tracked-runtime';

let scratch: string;
beforeEach(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-own-'));
});
afterEach(() => fs.rmSync(scratch, { recursive: true }));

/** Returns a promise and the function that resolves it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Ends a spec while it is creating a container. Returns the error of the clean-up and what is left in the runtime. */
async function endedWhile(reached: Promise<void>, resume: () => void, wrapper: CriWrapper) {
  await using runtime = await startRuntimeServer({ images: [DEFAULT_IMAGE], cri: [wrapper] });
  const client = new CriClient(runtime.endpoint);
  const shared = new SharedRuntime({ client, scratch, image: DEFAULT_IMAGE, runtimeHandler: '', admin: NO_ADMIN });
  const own = new TrackedRuntime(shared, new ExchangeLog());
  const creating = own.runtime.created().then(
    () => 'made',
    (error: Error) => error.message,
  );
  await reached;
  const ending = own[Symbol.asyncDispose]().then(
    () => 'all removed',
    (error: Error) => error.message,
  );
  resume();
  const ended = await ending;
  await shared[Symbol.asyncDispose]();
  const sandboxes = await client.call('ListPodSandbox', { filter: {} });
  client.close();
  return { ended, created: await creating, left: sandboxes.ok ? sandboxes.response.items.length : sandboxes.code };
}

test.each([
  ['RunPodSandbox', 'the spec is over'],
  ['CreateContainer', 'made'],
] as const)('what %s creates after its spec has ended is removed', async (method, created) => {
  const [reached, resumed] = [gate(), gate()];
  const late = onMethod(method, async (call, next) => {
    reached.open();
    await resumed.opened;
    return next(call);
  });
  expect(await endedWhile(reached.opened, resumed.open, late)).toEqual({ ended: 'all removed', created, left: 0 });
  expect(fs.readdirSync(scratch)).toEqual([]);
});

test('a call without an answer is given up, and the message names what it may leave', async () => {
  const reached = gate();
  const never = onMethod('RunPodSandbox', () => {
    reached.open();
    return new Promise<never>(() => {});
  });
  const { ended, created } = await endedWhile(reached.opened, () => {}, never);
  expect(ended).toBe(
    'not everything could be removed: RunPodSandbox was not answered, and what it creates may be left behind',
  );
  expect(created).toMatch(/^RunPodSandbox failed before the rule could be tried: CANCELLED/);
}, 30_000);
