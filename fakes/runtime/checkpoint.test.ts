// CheckpointContainer: what it refuses, what it leaves, and that the container runs on whatever happens.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

test('writes what the container is at that moment', async () => {
  const sandbox = await client.pod('web', { hostname: 'web-host', log_directory: at('logs') });
  const id = await client.container(sandbox, {
    metadata: { name: 'counter', attempt: 2 },
    command: ['/bin/sh', '-c'],
    args: ['echo on > /tmp/state; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done'],
    envs: [{ key: 'GREETING', value: Buffer.from('hello') }],
    labels: { l: '1' },
    annotations: { a: '2' },
    mounts: [{ container_path: '/data', host_path: '/srv/data' }],
    log_path: 'counter/2.log',
    working_dir: '/tmp',
  });
  clock.advance(2500);
  expect(await checkpoint(id, 'a.tar')).toBe('OK');
  expect(statSync(at('a.tar')).mode & 0o777).toBe(0o600);
  const environment = [expect.stringMatching(/^PATH=/), 'HOSTNAME=web-host', 'GREETING=hello'];
  const common = { environment, memoryBytes: 0, openFiles: [] };
  const script = 'echo on > /tmp/state; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done';
  expect(read('a.tar')).toMatchObject({
    containerId: id,
    containerName: 'counter',
    attempt: 2,
    sandboxId: sandbox,
    podName: 'web',
    podNamespace: 'default',
    podUid: 'uid-web',
    image: 'docker.io/library/busybox:latest',
    imageRef: expect.stringMatching(/^docker\.io\/library\/busybox@sha256:/),
    imageId: expect.stringMatching(/^sha256:/),
    ociRuntime: 'io.containerd.runc.v2',
    cgroupPath: `/k8s.io/${id}`,
    createdAt: `${START}000000`,
    startedAt: `${START}000000`,
    checkpointedAt: `${START + 2500}000000`,
    labels: { l: '1' },
    annotations: { a: '2' },
    mounts: [{ containerPath: '/data', hostPath: '/srv/data', readonly: false }],
    workingDirectory: '/tmp',
    logPath: at('logs/counter/2.log'),
    processes: [
      { pid: 1, parentPid: 0, name: 'sh', arguments: ['/bin/sh', '-c', script], plantedStrings: ['i=3'], ...common },
      { pid: 4, parentPid: 1, name: 'sleep', arguments: ['sleep', '1'], plantedStrings: [], ...common },
    ],
    changedFiles: [{ path: '/tmp/state' }],
  });
  expect(runtime.calls.at(-1)).toMatchObject({ method: 'CheckpointContainer', response: {} });
});

test('the container stands still for it, and counts on afterwards from where it was', async () => {
  const id = await client.container(await client.pod());
  clock.advance(500);
  const answer = client.call('CheckpointContainer', { container_id: id, location: at('a.tar') });
  await until(() => view(id)?.frozen === true);
  expect((await client.call('ContainerStatus', { container_id: id })).status?.state).toBe('CONTAINER_RUNNING');
  clock.advance(99);
  expect(view(id)?.frozen).toBe(true);
  clock.advance(1);
  expect(await answer).toEqual({});
  expect(view(id)).toMatchObject({ frozen: false, variables: { i: '1' } });
  clock.advance(499);
  expect(view(id)?.variables).toEqual({ i: '1' });
  clock.advance(1);
  expect(view(id)?.variables).toEqual({ i: '2' });
});

test('a container that somebody else has frozen stays so', async () => {
  const id = await client.container(await client.pod());
  runtime.control.freeze(id);
  expect(await checkpoint(id, 'a.tar')).toBe('OK');
  expect(view(id)?.frozen).toBe(true);
  runtime.control.thaw(id);
  expect(view(id)?.frozen).toBe(false);
});

describe('is refused, with nothing frozen and nothing written,', () => {
  test('for a container that is not there or does not run', async () => {
    const sandbox = await client.pod();
    const created = await client.created(sandbox);
    const exited = await client.container(sandbox, { metadata: { name: 'x' } });
    runtime.control.exit(exited, 0);
    const refused = (container_id: string) =>
      client.failure('CheckpointContainer', { container_id, location: at('a.tar') });
    expect(await refused('deadbeef')).toBe(
      '5 NOT_FOUND: an error occurred when try to find container "deadbeef": not found',
    );
    expect(await refused(sandbox)).toMatch(/^5 NOT_FOUND/);
    expect(await refused('')).toBe('3 INVALID_ARGUMENT: container id must not be empty');
    for (const [id, state] of [
      [created, 'CREATED'],
      [exited, 'EXITED'],
    ] as const) {
      expect(await refused(id)).toBe(
        `9 FAILED_PRECONDITION: container "${id}" is in CONTAINER_${state} state. only CONTAINER_RUNNING containers can be checkpointed`,
      );
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('for a location where no archive can be', async () => {
    const id = await client.container(await client.pod());
    mkdirSync(at('folder'));
    writeFileSync(at('file'), 'x');
    const refused = (location: string) => client.failure('CheckpointContainer', { container_id: id, location });
    const before = clock.pending;
    for (const location of ['', 'relative.tar', `${folder}/a\0b.tar`]) {
      expect(await refused(location)).toMatch(/^3 INVALID_ARGUMENT: /);
    }
    for (const location of [at('no/such/a.tar'), at('file/a.tar'), at('folder'), `${at('folder')}/`, '/dev/null']) {
      expect(await refused(location)).toMatch(/^9 FAILED_PRECONDITION: /);
    }
    expect([jobs, clock.pending]).toEqual([[], before]);
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder']);
    expect(readFileSync(at('file'), 'utf8')).toBe('x');
  });

  test('for a negative timeout', async () => {
    const id = await client.container(await client.pod());
    expect(await client.failure('CheckpointContainer', { container_id: id, location: at('a'), timeout: -1 })).toBe(
      '3 INVALID_ARGUMENT: timeout must not be negative, but is -1 s',
    );
  });
});

test('a link at the location is replaced, not followed', async () => {
  writeFileSync(at('target'), 'x');
  symlinkSync(at('target'), at('link.tar'));
  const id = await client.container(await client.pod());
  expect(await checkpoint(id, 'link.tar')).toBe('OK');
  expect(read('link.tar').containerId).toBe(id);
  expect(readFileSync(at('target'), 'utf8')).toBe('x');
});
