// Tests the responses of both fakes together to the recorded requests of a kubelet, and the archives in these
// responses.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeKubelet, startFakeKubelet } from '../kubelet/server';
import { send } from '../kubelet/testing/raw-client';
import { expectRecorded, recording } from '../kubelet/testing/recording';
import { type RuntimeServer, startRuntimeServer } from '../runtime/server';

let directory: string;
let runtime: RuntimeServer;
let kubelet: FakeKubelet;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'pair-'));
  runtime = await startRuntimeServer();
  kubelet = await startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(directory, 'root'),
    nodeName: 'node1',
    configuration: { staticPodPath: path.join(__dirname, '../kubelet/testdata/pods') },
  });
});

afterAll(async () => {
  await kubelet.close();
  await runtime.close();
  expect(await readdir(path.join(directory, 'root'))).toEqual(['checkpoints']);
  await rm(directory, { recursive: true, force: true });
});

test.each(
  recording('exchanges.json')
    .filter(({ id }) => id !== 'cri-down')
    .map((exchange) => [exchange.id, exchange] as const),
)('the response to %s is as recorded', async (_, exchange) => {
  await expectRecorded(kubelet, runtime.endpoint, exchange);
});

test('the archive exists at the path in the response and is private', async () => {
  const target = '/checkpoint/default/counter-node1/counter';
  const { body } = await send(kubelet, { method: 'POST', path: target, client: 'client certificate' });
  const { items }: { items: string[] } = JSON.parse(body);
  const found = await stat(items[0] ?? '');
  expect(found.mode & 0o777).toBe(0o600);
  expect(found.size).toBeGreaterThan(0);
});

test('an exited container is not found, although it exists', async () => {
  const { body } = await send(kubelet, {
    method: 'POST',
    path: '/checkpoint/lab-2/zoo.v1-node1/done',
    client: 'client certificate',
  });
  expect(body).toBe('checkpointing of lab-2/zoo.v1-node1/done failed (container done not found)');
});
