// How personas refuse what no recording has: other calls, ids and states, each in the words of its runtime.
import { afterEach, expect, test } from '@jest/globals';
import type { CriUnaryMethod } from '../../proto/load';
import { type FakeRuntime, startFakeRuntime } from '../runtime/server';
import { type TestClient, testClient } from '../runtime/test-client';
import { bendRuntime } from './bend';
import { persona } from './personas';

let runtime: FakeRuntime;
let client: TestClient;
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

/** Ids of one digit repeated but for the last one: sandboxes and containers alike. */
function idsThatStartAlike() {
  let count = 0;
  return { next: () => `${'a'.repeat(63)}${(count++).toString(16)}` };
}

async function start(name: string): Promise<void> {
  const bends = persona(name).bend(() => runtime.control);
  runtime = await startFakeRuntime(bendRuntime({ ids: idsThatStartAlike() }, bends));
  client = testClient(runtime.endpoint);
}

const SEVERAL = 'multiple IDs found with provided prefix: aa';

test.each<[string, CriUnaryMethod, string]>([
  ['reference', 'CheckpointContainer', '3 INVALID_ARGUMENT: container id "aa" is ambiguous: 2 ids start with it'],
  [
    'containerd-2.1',
    'CheckpointContainer',
    `2 UNKNOWN: an error occurred when trying to find container the container status "aa": an error occurred when try to find container "aa": ${SEVERAL}`,
  ],
  [
    'cri-o-1.37',
    'CheckpointContainer',
    `5 NOT_FOUND: could not find container "aa": container with ID starting with aa not found: ${SEVERAL}`,
  ],
])('%s: %s of an id that several start with', async (name, method, says) => {
  await start(name);
  const sandbox = await client.pod();
  await client.created(sandbox, { metadata: { name: 'one' } });
  await client.created(sandbox, { metadata: { name: 'two' } });
  expect(await client.failure(method, { container_id: 'aa', location: '/tmp/never.tar' })).toBe(says);
});
