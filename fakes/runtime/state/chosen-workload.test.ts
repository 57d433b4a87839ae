// Tests the annotations and images that choose what a container runs, through its checkpoints and its log.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { snapshotWriter, type TestClient, testClient, until } from '../testing/test-client';

let clock: ManualClock;
let runtime: RuntimeServer;
let client: TestClient;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
  clock = new ManualClock();
  runtime = await startRuntimeServer({ clock, archiveWriter: snapshotWriter });
  client = testClient(runtime.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

const view = (id: string) => runtime.control.container(id);

async function snapshot(container_id: string): Promise<ContainerSnapshot> {
  const location = path.join(directory, 'snapshot.json');
  await client.call('CheckpointContainer', { container_id, location });
  return JSON.parse(readFileSync(location, 'utf8'));
}

test('annotations add memory, strings, children, files and open files to the command', async () => {
  const annotations = {
    'ckptest.dev/hold-memory': '4M',
    'ckptest.dev/hold-string': "it's mine",
    'ckptest.dev/child-string': 'of a child',
    'ckptest.dev/write-file': '/srv/a file=text',
    'ckptest.dev/append-file': '/srv/log=twelve bytes',
  };
  const id = await client.container(await client.pod(), { annotations });
  clock.advance(1500);
  const { processes, changedFiles } = await snapshot(id);
  const [first, child, sleeper] = processes;
  expect(first).toMatchObject({ pid: 1, parentPid: 0, memoryBytes: 4 * 1024 * 1024 });
  expect(first?.plantedStrings).toEqual(expect.arrayContaining(["held_string=it's mine", 'i=2']));
  expect(first?.openFiles).toEqual([{ fd: 9, path: '/srv/log', append: true, position: 13 }]);
  expect(child).toMatchObject({ parentPid: 1, name: 'sh', plantedStrings: ['held_string=of a child'] });
  expect(sleeper).toMatchObject({ parentPid: child?.pid, name: 'sleep' });
  expect(changedFiles.map((file) => file.path)).toEqual(['/srv/a file', '/srv/log']);
});

test('memory can be given in GiB, and an invalid number of bytes is refused', async () => {
  const pod = await client.pod();
  const id = await client.container(pod, { annotations: { 'ckptest.dev/hold-memory': '3G' } });
  clock.advance(0);
  expect((await snapshot(id)).processes[0]?.memoryBytes).toBe(3 * 2 ** 30);
  const annotations = { 'ckptest.dev/hold-memory': '64 MiB' };
  const config = { metadata: { name: 'other' }, image: { image: 'docker.io/library/busybox:latest' }, annotations };
  expect(await client.failure('CreateContainer', { pod_sandbox_id: pod, config })).toMatch(
    /^3 INVALID_ARGUMENT: annotation ckptest\.dev\/hold-memory must be a number of bytes such as .* but is "64 MiB"$/,
  );
});

test('annotations add a listening unix socket and a connected client', async () => {
  const annotations = { 'ckptest.dev/listen-unix': '/run/app.sock', 'ckptest.dev/connect-unix': '/run/app.sock' };
  const id = await client.container(await client.pod(), { annotations });
  clock.advance(500);
  const { processes } = await snapshot(id);
  expect(processes.map(({ name, unixSockets }) => [name, unixSockets?.map((one) => one.path)])).toEqual([
    ['sh', undefined],
    ['nc', ['/run/app.sock', '/run/app.sock']],
    ['nc', ['']],
    ['sleep', undefined],
  ]);
});

test('annotations of a pod apply to all of its containers, or to one of them', async () => {
  const annotations = { 'ckptest.dev/hold-memory': '1k', 'ckptest.dev/hold-memory.other': '2k' };
  const pod = await client.pod('pod', { annotations });
  const main = await client.container(pod);
  const other = await client.container(pod, { metadata: { name: 'other' }, command: ['nginx'] });
  clock.advance(0);
  expect((await snapshot(main)).processes[0]?.memoryBytes).toBe(1024);
  const { processes } = await snapshot(other);
  expect(processes.map(({ name, memoryBytes }) => [name, memoryBytes])).toEqual([
    ['nginx', 2048],
    ['sleep', 0],
  ]);
});

test('annotations replace the command and its reaction to TERM', async () => {
  const pod = await client.pod();
  const named = (name: string, annotations: Record<string, string>) =>
    client.container(pod, { metadata: { name }, annotations });
  const exits = await named('exits', { 'ckptest.dev/exit-code': '7', 'ckptest.dev/exit-after': '2' });
  const script = await named('script', { 'ckptest.dev/script': 'exit 3' });
  const stubborn = await named('stubborn', { 'ckptest.dev/ignore-term': 'true' });
  clock.advance(1999);
  expect([view(exits)?.state, view(script)?.exitCode]).toEqual(['CONTAINER_RUNNING', 3]);
  clock.advance(1);
  expect(view(exits)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 7 });
  const stopped = client.call('StopContainer', { container_id: stubborn, timeout: 1 });
  await until(() => runtime.calls.at(-1)?.method === 'StopContainer');
  expect(view(stubborn)?.state).toBe('CONTAINER_RUNNING');
  clock.advance(1000);
  await stopped;
  expect(view(stubborn)?.exitCode).toBe(137);
});

test.each([
  ['ckptest.dev/count', { state: 'CONTAINER_RUNNING', variables: { i: '4' } }],
  ['ckptest.dev/exit:1', { state: 'CONTAINER_EXITED', exitCode: 0 }],
  ['ckptest.dev/crash', { state: 'CONTAINER_EXITED', exitCode: 1 }],
  ['ckptest.dev/idle', { state: 'CONTAINER_RUNNING' }],
  ['ckptest.dev/hold-memory', { state: 'CONTAINER_RUNNING' }],
])('the image %s runs its own workload', async (image, expected) => {
  await client.call('PullImage', { image: { image } });
  const id = await client.container(await client.pod(), { image: { image }, command: [] });
  clock.advance(3500);
  expect(view(id)).toMatchObject(expected);
});
