// Tests the life cycle of containers through CRI calls.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COUNTER } from '../testing/test-client';
import { benchForEachTest, START } from '../testing/test-runtime';

const HOLDER = 'f'.repeat(64);
const bench = benchForEachTest();

const status = async (container_id: string) => (await bench.client.call('ContainerStatus', { container_id })).status;

describe('containers', () => {
  test('are created, run, exit and are removed, with a time for each step', async () => {
    const sandbox = await bench.client.pod('web', { log_directory: path.join(bench.directory, 'logs') });
    const id = await bench.client.created(sandbox, {
      command: ['sh', '-c', 'echo hello; sleep 2; exit 7'],
      log_path: 'main/0.log',
      labels: { a: 'b' },
      annotations: { c: 'd' },
      mounts: [{ container_path: '/data', host_path: bench.directory, readonly: true }],
      linux: {
        resources: { cpu_shares: 2, memory_limit_in_bytes: '1048576', hugepage_limits: [{ page_size: '2MB' }] },
        security_context: { run_as_user: { value: 1000 }, supplemental_groups: [7] },
      },
    });
    const log = path.join(bench.directory, 'logs/main/0.log');
    expect(await status(id)).toMatchObject({
      state: 'CONTAINER_CREATED',
      created_at: `${START}000000`,
      started_at: '0',
      finished_at: '0',
      exit_code: 0,
      reason: '',
      image: { image: 'docker.io/library/busybox:latest', user_specified_image: '' },
      image_ref: expect.stringMatching(/^docker\.io\/library\/busybox@sha256:[0-9a-f]{64}$/),
      image_id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      log_path: log,
      labels: { a: 'b' },
      annotations: { c: 'd' },
      mounts: [{ container_path: '/data', host_path: bench.directory, readonly: true }],
      resources: { linux: { cpu_shares: '2', memory_limit_in_bytes: '1048576', hugepage_limits: [] } },
      user: { linux: { uid: '1000', gid: '0', supplemental_groups: ['0', '7'] } },
      stop_signal: 'SIGNAL_RUNTIME_DEFAULT',
    });
    expect(existsSync(log)).toBe(false);
    bench.clock.advance(1000);
    await bench.client.call('StartContainer', { container_id: id });
    expect(existsSync(log)).toBe(true);
    expect(await status(id)).toMatchObject({ state: 'CONTAINER_RUNNING', started_at: `${START + 1000}000000` });
    bench.clock.advance(2000);
    expect(await status(id)).toMatchObject({
      state: 'CONTAINER_EXITED',
      finished_at: `${START + 3000}000000`,
      exit_code: 7,
      reason: 'Error',
      message: '',
    });
    expect(readFileSync(log, 'utf8')).toBe('2026-11-23T12:00:01.000000000Z stdout F hello\n');
    expect(await bench.client.failure('StartContainer', { container_id: id })).toBe(
      `9 FAILED_PRECONDITION: failed to set starting state for container "${id}": container is in CONTAINER_EXITED state`,
    );
    for (let time = 0; time < 2; time++) await bench.client.call('RemoveContainer', { container_id: id });
    expect(await bench.client.failure('ContainerStatus', { container_id: id })).toBe(
      `5 NOT_FOUND: an error occurred when try to find container "${id}": not found`,
    );
  });

  test('that exit with 0 have the reason Completed', async () => {
    const id = await bench.client.container(await bench.client.pod(), { command: ['true'] });
    bench.clock.advance(0);
    expect(await status(id)).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: 0, reason: 'Completed' });
  });

  test('cannot be started twice', async () => {
    const id = await bench.client.container(await bench.client.pod());
    expect(await bench.client.failure('StartContainer', { container_id: id })).toBe(
      `9 FAILED_PRECONDITION: failed to set starting state for container "${id}": container is in CONTAINER_RUNNING state`,
    );
  });

  test('created from an image id have the id in lists and the tag in their status', async () => {
    const { image } = await bench.client.call('ImageStatus', { image: { image: 'busybox' } });
    const id = await bench.client.container(await bench.client.pod(), {
      image: { image: image?.id ?? '', user_specified_image: 'docker.io/library/busybox:latest' },
    });
    const { containers } = await bench.client.call('ListContainers', {});
    expect(containers[0]?.image?.image).toBe(image?.id);
    expect(containers[0]?.image_id).toBe(image?.id);
    expect((await status(id))?.image?.image).toBe('docker.io/library/busybox:latest');
  });

  test('need a sandbox, a name, and an image that exists', async () => {
    const pod_sandbox_id = await bench.client.pod();
    const create = (config: object | null, sandbox = pod_sandbox_id) =>
      bench.client.failure('CreateContainer', { pod_sandbox_id: sandbox, config });
    const image = { image: 'docker.io/library/absent:1' };
    expect(await create(null)).toBe('3 INVALID_ARGUMENT: container config must not be empty');
    expect(await create({})).toMatch(/^3 .* metadata with a name$/);
    expect(await create({ metadata: { name: 'c' } })).toBe(
      '3 INVALID_ARGUMENT: container config must include an image',
    );
    expect(await create({ metadata: { name: 'c' }, image })).toBe(
      '5 NOT_FOUND: failed to resolve image "docker.io/library/absent:1": not found',
    );
    expect(await create({}, 'deadbeef')).toBe('5 NOT_FOUND: failed to find sandbox id "deadbeef": not found');
    expect(await create({}, '')).toBe('3 INVALID_ARGUMENT: sandbox id must not be empty');
  });

  test('with the same name must differ in their attempt', async () => {
    const sandbox = await bench.client.pod('web');
    const id = await bench.client.created(sandbox);
    const again = { pod_sandbox_id: sandbox, config: { metadata: { name: 'main' }, image: { image: 'busybox' } } };
    expect(await bench.client.failure('CreateContainer', again)).toBe(
      `6 ALREADY_EXISTS: failed to reserve container name "main_web_default_uid-web_0": name "main_web_default_uid-web_0" is reserved for "${id}"`,
    );
    await bench.client.created(sandbox, { metadata: { name: 'main', attempt: 1 } });
  });

  test('are found by an unambiguous prefix of their id', async () => {
    await bench.client.pod('one');
    await bench.client.pod('two');
    const sandbox = await bench.client.pod('three');
    const id = await bench.client.created(sandbox);
    expect((await status(id.slice(0, 64)))?.id).toBe(id);
    expect(await bench.client.failure('PodSandboxStatus', { pod_sandbox_id: 'aa' })).toBe(
      '3 INVALID_ARGUMENT: sandbox id "aa" is ambiguous: 2 ids start with it',
    );
    expect((await bench.client.call('PodSandboxStatus', { pod_sandbox_id: 'bb' })).status?.id).toBe(sandbox);
    expect((await status('bb'))?.id).toBe(id);
    expect(await bench.client.failure('ContainerStatus', { container_id: '' })).toBe(
      '3 INVALID_ARGUMENT: container id must not be empty',
    );
    expect(await bench.client.failure('ContainerStatus', { container_id: sandbox })).toMatch(/^5 NOT_FOUND/);
    for (const method of ['StopContainer', 'RemoveContainer'] as const) {
      expect(await bench.client.failure(method, { container_id: HOLDER })).toBe('OK');
      expect(await bench.client.failure(method, { container_id: '' })).toMatch(/^3 INVALID_ARGUMENT/);
    }
  });

  test('are filtered by id, sandbox, state and labels together', async () => {
    const one = await bench.client.pod('one');
    const two = await bench.client.pod('two');
    const a = await bench.client.container(one, { metadata: { name: 'a' }, labels: { app: 'x' } });
    const b = await bench.client.created(one, { metadata: { name: 'b' }, labels: { app: 'y' } });
    const c = await bench.client.container(two, { metadata: { name: 'c' }, labels: { app: 'x' } });
    const list = async (filter: object) =>
      (await bench.client.call('ListContainers', { filter })).containers.map(({ id }) => id);
    expect(await list({})).toEqual([a, b, c]);
    expect(await list({ pod_sandbox_id: one })).toEqual([a, b]);
    expect(await list({ state: { state: 'CONTAINER_RUNNING' } })).toEqual([a, c]);
    expect(await list({ state: { state: 'CONTAINER_RUNNING' }, pod_sandbox_id: one })).toEqual([a]);
    expect(await list({ state: {} })).toEqual([b]);
    expect(await list({ label_selector: { app: 'x' } })).toEqual([a, c]);
    expect(await list({ label_selector: { app: 'x' }, id: c })).toEqual([c]);
    expect(await list({ id: b, label_selector: { app: 'x' } })).toEqual([]);
    expect(await list({ pod_sandbox_id: 'none' })).toEqual([]);
  });

  test('have JSON about their process in a verbose status', async () => {
    const id = await bench.client.container(await bench.client.pod('web'), {
      envs: [
        { key: 'GREETING', value: Buffer.from('hello') },
        { key: 'PATH', value: Buffer.from('/bin') },
      ],
    });
    const { info } = await bench.client.call('ContainerStatus', { container_id: id, verbose: true });
    const containerInfo = JSON.parse(info['info'] ?? '');
    expect(containerInfo.runtimeSpec.process).toEqual({
      args: COUNTER,
      env: ['PATH=/bin', 'HOSTNAME=node1', 'GREETING=hello'],
      cwd: '/',
    });
    expect(containerInfo.config.metadata).toEqual({ name: 'main' });
    expect(containerInfo.pid).toBeGreaterThan(4_194_304);
    expect((await bench.client.call('ContainerStatus', { container_id: id })).info).toEqual({});
  });
});

test('the log of a running container is reopened on request', async () => {
  const sandbox = await bench.client.pod('web', { log_directory: bench.directory });
  const container_id = await bench.client.container(sandbox, { log_path: '0.log' });
  bench.clock.advance(500);
  const file = path.join(bench.directory, '0.log');
  renameSync(file, `${file}.1`);
  bench.clock.advance(1000);
  await bench.client.call('ReopenContainerLog', { container_id });
  expect(readFileSync(file, 'utf8')).toBe('');
  bench.clock.advance(1000);
  expect(readFileSync(`${file}.1`, 'utf8')).toMatch(/ 0\n.* 1\n$/);
  expect(readFileSync(file, 'utf8')).toMatch(/^\S+ stdout F 2\n$/);
  rmSync(file);
  await bench.client.call('StopContainer', { container_id });
  expect(await bench.client.failure('ReopenContainerLog', { container_id })).toMatch(
    /^9 FAILED_PRECONDITION: .*not running$/,
  );
  expect(existsSync(file)).toBe(false);
});

test('a container does not start if its log file cannot be created', async () => {
  writeFileSync(path.join(bench.directory, 'file'), '');
  const sandbox = await bench.client.pod('web', { log_directory: path.join(bench.directory, 'file') });
  const id = await bench.client.created(sandbox, { log_path: '0.log' });
  expect(await bench.client.failure('StartContainer', { container_id: id })).toMatch(
    /^13 INTERNAL: failed to create the log file of container .*: EEXIST/,
  );
  expect((await status(id))?.state).toBe('CONTAINER_CREATED');
});
