// Tests personas by name, and each finding alone on a runtime without other defects.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { list } from 'tar';
import type { ArchiveWrapper } from '../../archive/job';
import { CheckpointArchive } from '../../archive/reading/checkpoint-archive';
import { dumpedProcesses } from '../../archive/reading/dumped-processes';
import { ManualClock } from '../../base/clock';
import { UserError } from '../../base/user-error';
import { type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { type TestClient, testClient } from '../../runtime/testing/test-client';
import { applyToRuntime } from '../apply';
import { deviation } from '../catalogue';
import { findings } from './findings';
import { persona } from './personas';

let directory: string;
let runtime: RuntimeServer;
let client: TestClient;
let id: string;
/** The runtime's clock, which a test must advance while a dump is in progress. */
let clock: ManualClock;
/** The locations of all archive writes. */
let archives: string[];
const file = (name = 'a.tar') => path.join(directory, name);

async function start(name: string): Promise<void> {
  const effects = persona(name).effects(() => runtime.control);
  const spy: ArchiveWrapper = async (job, next) => {
    archives.push(job.location);
    await next(job);
  };
  clock = new ManualClock();
  archives = [];
  runtime = await startRuntimeServer(applyToRuntime({ clock, archive: [spy] }, effects));
  client = testClient(runtime.endpoint);
}
async function startWithContainer(name: string): Promise<void> {
  await start(name);
  id = await client.container(await client.pod());
}
const checkpoint = (location = file(), timeout = '0') =>
  client.failure('CheckpointContainer', { container_id: id, location, timeout });

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(tmpdir(), 'personas-'));
});
afterEach(async () => {
  client?.[Symbol.dispose]();
  await runtime?.close();
  await fs.rm(directory, { recursive: true });
});

describe('a persona can be chosen by name:', () => {
  test.each([
    'reference',
    'cri-o-1.37+disabled',
    'kubelet-1.25',
    'frozen-after-deadline',
    'containerd-2.4+criu-missing+mode-kept',
  ])('%s is the name of a persona', async (name) => {
    await start(name);
    expect((await client.call('Version', {})).version).toBe('0.1.0');
  });
  test.each([
    ['podman', /^--persona podman: there is no persona podman; the nearest are .*; ckptest personas lists them all$/],
    ['cri-dockerd+disabled', /there is no persona cri-dockerd\+disabled/],
    ['', /there is no persona ;/],
  ])('%s is not the name of a persona', async (name, says) => {
    await start('reference');
    expect(() => deviation('persona', name)).toThrow(UserError);
    expect(() => persona(name)).toThrow(says);
  });
});

test.each([
  ['containerd-1.6', '12 UNIMPLEMENTED: method CheckpointContainer not implemented'],
  ['cri-dockerd', '12 UNIMPLEMENTED: method CheckpointContainer not implemented'],
  ['v1alpha2-only', '12 UNIMPLEMENTED: unknown service runtime.v1.RuntimeService'],
  [
    'containerd-2.1+criu-missing',
    '2 UNKNOWN: CRIU binary not found or too old (<31600). Failed to checkpoint container "none": failed to check for criu version: exec: "criu": executable file not found in $PATH',
  ],
  [
    'containerd-2.4+criu-missing',
    '2 UNKNOWN: failed to checkpoint container "none": criu binary not found in shim path or system PATH',
  ],
  [
    'containerd-2.4+disabled',
    '2 UNKNOWN: failed to checkpoint container "none": criu support is disabled by configuration',
  ],
  ['cri-o-1.37+criu-missing', '2 UNKNOWN: checkpoint/restore support not available'],
  ['cri-o-1.37+disabled', '2 UNKNOWN: checkpoint/restore support not available'],
])('%s refuses a checkpoint before it looks up the container', async (name, says) => {
  await start(name);
  expect(await client.failure('CheckpointContainer', { container_id: 'none', location: file() })).toBe(says);
});

test.each([
  [
    'containerd-1.6',
    'RuntimeConfig',
    '12 UNIMPLEMENTED: unknown method RuntimeConfig for service runtime.v1.RuntimeService',
  ],
  [
    'cri-dockerd',
    'CheckpointPod',
    '12 UNIMPLEMENTED: unknown method CheckpointPod for service runtime.v1.RuntimeService',
  ],
  ['cri-dockerd', 'ListMetricDescriptors', '12 UNIMPLEMENTED: method ListMetricDescriptors not implemented'],
  ['v1alpha2-only', 'ListImages', '12 UNIMPLEMENTED: unknown service runtime.v1.ImageService'],
] as const)('%s does not have the call %s', async (name, method, says) => {
  await start(name);
  expect(await client.failure(method, {})).toBe(says);
});

test.each([
  ['containerd-2.1', 'status.dump', 'io.kubernetes.cri-o.LogPath'],
  ['cri-o-1.37', 'stats-dump', 'status.dump'],
])('%s writes archives that contain %s and do not contain %s', async (name, has, lacks) => {
  await startWithContainer(name);
  let ended = false;
  const call = checkpoint().finally(() => {
    ended = true;
  });
  while (!ended) {
    clock.advance(1);
    await new Promise(setImmediate);
  }
  expect(await call).toBe('OK');
  const names: string[] = [];
  await list({ file: file(), onReadEntry: (entry) => names.push(entry.path) });
  expect(names).toContain('config.dump');
  expect([names.includes(has), names.includes(lacks)]).toEqual([true, false]);
});

describe('on a runtime without other defects, the finding', () => {
  const tried = new Set<string>();
  const finding = (name: string, body: () => Promise<void>) => {
    tried.add(name);
    test(name, async () => {
      await startWithContainer(name);
      await body();
    });
  };
  const existing = async (bytes: number) => {
    await fs.writeFile(file(), 'x'.repeat(bytes));
    await fs.chmod(file(), 0o644);
  };
  const refused = (name: string, why: string) => `9 FAILED_PRECONDITION: open ${directory}${path.sep}${name}: ${why}`;
  const frozen = () => runtime.control.container(id)?.frozen;
  const ticks = async (condition: () => boolean) => {
    while (!condition()) await new Promise(setImmediate);
  };
  const ended = () => runtime.calls.at(-1)?.endedAt !== undefined;
  /** Disconnects during the dump, waits until `isNoticed` is true, and then lets the dump end. */
  const leave = async (isNoticed: () => boolean) => {
    const asked = client.startCall('CheckpointContainer', { container_id: id, location: file() });
    await ticks(() => runtime.calls.at(-1)?.method === 'CheckpointContainer');
    clock.advance(10);
    await ticks(() => frozen() === true);
    asked.cancel();
    expect(await asked.failure).toMatch(/^1 CANCELLED/);
    await ticks(isNoticed);
    clock.advance(100);
    await ticks(ended);
  };
  /** Starts a checkpoint and advances the clock until it ends. */
  const patiently = async () => {
    const call = checkpoint();
    await ticks(() => runtime.calls.at(-1)?.method === 'CheckpointContainer' && !ended());
    clock.advance(10);
    await new Promise(setImmediate);
    clock.advance(100);
    return call;
  };

  finding('frozen-after-deadline', async () => {
    await leave(ended);
    expect(frozen()).toBe(true);
    expect(await patiently()).toBe('OK');
    expect(frozen()).toBe(true);
  });
  finding('archive-after-deadline', async () => {
    await leave(() => true);
    expect([(await fs.stat(file())).mode & 0o777, frozen()]).toEqual([0o600, false]);
  });
  finding('concurrent-one-container', async () => {
    const answers = await Promise.all(['1', '2', '3'].map((name) => checkpoint(file(name))));
    const refusal = `2 UNKNOWN: failed to pause container "${id}" before checkpointing: cannot pause a paused container`;
    expect(answers.sort()).toEqual([refusal, refusal, 'OK']);
    expect(await fs.readdir(directory)).toHaveLength(1);
  });
  test.each(['containerd-2.1', 'cri-o-1.37'])('%s does not block on a named pipe', async (name) => {
    await startWithContainer(name);
    execFileSync('mkfifo', [file()]);
    expect(await patiently()).toMatch(/^2 UNKNOWN: .*a\.tar: not a regular file$/);
    expect(frozen()).toBe(false);
  });
  finding('log-ahead', async () => {
    const command = ['/bin/sh', '-c', 'i=0; while true; do echo $i; i=$((i+1)); sleep 0.02; done'];
    const pod = await client.pod('logging', { log_directory: directory });
    id = await client.container(pod, { metadata: { name: 'logging' }, log_path: 'c.log', command });
    clock.advance(50);
    expect(await patiently()).toBe('OK');
    await using archive = await CheckpointArchive.open(file());
    const [first] = await dumpedProcesses(archive);
    const next = /\["i","(\d+)"\]/.exec(String(first?.state))?.[1];
    expect((await archive.bytes('container.log')).toString()).toContain(`stdout F ${next}\n`);
  });
  finding('mode-kept', async () => {
    await existing(10);
    expect(await checkpoint()).toBe('OK');
    expect((await fs.stat(file())).mode & 0o777).toBe(0o644);
  });
  finding('tail-kept', async () => {
    await existing(3_000_000);
    expect(await checkpoint()).toBe('OK');
    const content = await fs.readFile(file(), 'latin1');
    expect([content.length, content.startsWith('x'), content.endsWith('x')]).toEqual([3_000_000, false, true]);
    expect((await fs.stat(file())).mode & 0o777).toBe(0o600);
  });
  finding('symlink-followed', async () => {
    await fs.symlink('target.tar', file());
    expect(await checkpoint()).toBe('OK');
    expect([(await fs.lstat(file())).isSymbolicLink(), (await fs.lstat(file('target.tar'))).isFile()]).toEqual([
      true,
      true,
    ]);
    await fs.symlink('no/such.tar', file('dangling'));
    expect(await checkpoint(file('dangling'))).toBe(refused('dangling', 'no such file or directory'));
    await fs.symlink('loop', file('loop'));
    expect(await checkpoint(file('loop'))).toMatch(/too many levels of symbolic links$/);
    expect((await fs.lstat(file('loop'))).isSymbolicLink()).toBe(true);
  });
  finding('relative-location', async () => {
    expect(await checkpoint(path.relative(process.cwd(), file()))).toBe('OK');
    expect(await fs.readdir(directory)).toEqual(['a.tar']);
    expect(await checkpoint('')).toMatch(/^3 INVALID_ARGUMENT/);
    const absent = '9 FAILED_PRECONDITION: open no/such.tar: no such file or directory';
    expect(await checkpoint('no/such.tar')).toBe(absent);
    expect(await checkpoint(file('b.tar/'))).toBe(refused('b.tar/', 'is a directory'));
  });
  finding('empty-location', async () => {
    expect(await checkpoint('')).toBe('OK');
    expect(await fs.readdir(directory)).toEqual([]);
  });
  finding('late-check', async () => {
    const refusal = `9 FAILED_PRECONDITION: open ${file('no/such.tar')}: no such file or directory`;
    expect(await checkpoint(file('no/such.tar'))).toBe(refusal);
    expect(await checkpoint('')).toBe('3 INVALID_ARGUMENT: open : no such file or directory');
    expect(archives).toEqual([file('no/such.tar'), '']);
    expect([await fs.readdir(directory), frozen()]).toEqual([[], false]);
  });
  finding('field-ignored', async () => {
    expect(await checkpoint(file(), '-5')).toBe('OK');
  });

  test('every finding has a test here', async () => {
    await start('reference');
    expect([...tried].sort()).toEqual(findings.map(({ name }) => name).sort());
  });
});
