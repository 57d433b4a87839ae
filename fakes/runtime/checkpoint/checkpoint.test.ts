// Tests CheckpointContainer: what it writes, what it refuses, and that the container always continues to run.
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { until } from '../testing/test-client';
import { CheckpointBench, START } from '../testing/test-runtime';

const set = new CheckpointBench();
const { bench } = set;

test("a checkpoint contains the container's current state", async () => {
  const sandbox = await bench.client.pod('web', { hostname: 'web-host', log_directory: set.at('logs') });
  const id = await bench.client.container(sandbox, {
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
  bench.clock.advance(2500);
  expect(await set.checkpoint(id, 'a.tar')).toBe('OK');
  expect(statSync(set.at('a.tar')).mode & 0o777).toBe(0o600);
  const environment = [expect.stringMatching(/^PATH=/), 'HOSTNAME=web-host', 'GREETING=hello'];
  const common = { environment, memoryBytes: 0, openFiles: [] };
  const script = 'echo on > /tmp/state; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done';
  expect(set.read('a.tar')).toMatchObject({
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
    logPath: set.at('logs/counter/2.log'),
    processes: [
      { pid: 1, parentPid: 0, name: 'sh', arguments: ['/bin/sh', '-c', script], plantedStrings: ['i=3'], ...common },
      { pid: 4, parentPid: 1, name: 'sleep', arguments: ['sleep', '1'], plantedStrings: [], ...common },
    ],
    changedFiles: [{ path: '/tmp/state' }],
  });
  expect(bench.runtime.calls.at(-1)).toMatchObject({ method: 'CheckpointContainer', response: {} });
});

test("a checkpoint contains the user and the privileges of the container's processes", async () => {
  const id = await bench.client.container(await bench.client.pod(), {
    linux: {
      security_context: {
        capabilities: { add_capabilities: ['NET_ADMIN'], drop_capabilities: ['MKNOD'] },
        run_as_user: { value: '1000' },
        run_as_group: { value: '2000' },
        supplemental_groups: ['3000'],
        no_new_privs: true,
        readonly_rootfs: true,
        masked_paths: ['/proc/keys'],
        readonly_paths: ['/proc/sys'],
      },
    },
  });
  expect(await set.checkpoint(id, 'a.tar')).toBe('OK');
  expect(set.read('a.tar').security).toEqual({
    uid: 1000,
    gid: 2000,
    groups: [2000, 3000],
    privileged: false,
    addedCapabilities: ['NET_ADMIN'],
    droppedCapabilities: ['MKNOD'],
    noNewPrivileges: true,
    readonlyRoot: true,
    maskedPaths: ['/proc/keys'],
    readonlyPaths: ['/proc/sys'],
  });
});

test('the container is paused during the checkpoint, and then continues from the same point', async () => {
  const id = await bench.client.container(await bench.client.pod());
  bench.clock.advance(500);
  const answer = bench.client.call('CheckpointContainer', { container_id: id, location: set.at('a.tar') });
  await until(() => set.view(id)?.frozen === true);
  expect((await bench.client.call('ContainerStatus', { container_id: id })).status?.state).toBe('CONTAINER_RUNNING');
  bench.clock.advance(99);
  expect(set.view(id)?.frozen).toBe(true);
  bench.clock.advance(1);
  expect(await answer).toEqual({});
  expect(set.view(id)).toMatchObject({ frozen: false, variables: { i: '1' } });
  bench.clock.advance(499);
  expect(set.view(id)?.variables).toEqual({ i: '1' });
  bench.clock.advance(1);
  expect(set.view(id)?.variables).toEqual({ i: '2' });
});

test('a container that the control interface has frozen stays frozen', async () => {
  const id = await bench.client.container(await bench.client.pod());
  bench.runtime.control.freeze(id);
  expect(await set.checkpoint(id, 'a.tar')).toBe('OK');
  expect(set.view(id)?.frozen).toBe(true);
  bench.runtime.control.thaw(id);
  expect(set.view(id)?.frozen).toBe(false);
});

describe('a checkpoint is refused, with nothing frozen and nothing written,', () => {
  test('for a container that does not exist or is not running', async () => {
    const sandbox = await bench.client.pod();
    const created = await bench.client.created(sandbox);
    const exited = await bench.client.container(sandbox, { metadata: { name: 'x' } });
    bench.runtime.control.exit(exited, 0);
    const refused = (container_id: string) =>
      bench.client.failure('CheckpointContainer', { container_id, location: set.at('a.tar') });
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
    expect(readdirSync(bench.directory)).toEqual([]);
  });

  test('for a location at which no archive can be written', async () => {
    const id = await bench.client.container(await bench.client.pod());
    mkdirSync(set.at('directory'));
    writeFileSync(set.at('file'), 'x');
    const refused = (location: string) => bench.client.failure('CheckpointContainer', { container_id: id, location });
    const before = bench.clock.pending;
    for (const location of ['', 'relative.tar', `${bench.directory}/a\0b.tar`]) {
      expect(await refused(location)).toMatch(/^3 INVALID_ARGUMENT: /);
    }
    for (const location of [
      set.at('no/such/a.tar'),
      set.at('file/a.tar'),
      set.at('directory'),
      `${set.at('directory')}/`,
      '/dev/null',
    ]) {
      expect(await refused(location)).toMatch(/^9 FAILED_PRECONDITION: /);
    }
    expect([set.jobs, bench.clock.pending]).toEqual([[], before]);
    expect(readdirSync(bench.directory).sort()).toEqual(['directory', 'file']);
    expect(readFileSync(set.at('file'), 'utf8')).toBe('x');
  });

  test('for a negative timeout', async () => {
    const id = await bench.client.container(await bench.client.pod());
    expect(
      await bench.client.failure('CheckpointContainer', { container_id: id, location: set.at('a'), timeout: -1 }),
    ).toBe('3 INVALID_ARGUMENT: timeout must not be negative, but is -1 s');
  });
});

test('a symbolic link at the location is replaced, and its target is not written', async () => {
  writeFileSync(set.at('target'), 'x');
  symlinkSync(set.at('target'), set.at('link.tar'));
  const id = await bench.client.container(await bench.client.pod());
  expect(await set.checkpoint(id, 'link.tar')).toBe('OK');
  expect(set.read('link.tar').containerId).toBe(id);
  expect(readFileSync(set.at('target'), 'utf8')).toBe('x');
});
