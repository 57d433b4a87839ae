// Restore by the reference persona: the container goes on where it stood still, in a runtime that shares nothing.
import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { containerdEntries } from '../archive/containerd-layout';
import { crioEntries } from '../archive/crio-layout';
import { CheckpointArchive } from '../archive/reading/checkpoint-archive';
import { dumpedProcesses } from '../archive/reading/dumped-processes';
import type { ContainerSnapshot } from '../archive/snapshot';
import { writeArchive } from '../archive/writer';
import { ManualClock } from '../clock';
import type { ArchiveEntry } from '../wires';
import { type FakeRuntime, startFakeRuntime } from './server';
import { type TestClient, testClient } from './test-client';
import { benchForEachTest, START } from './test-runtime';

/** A day later, on the other computer. */
const LATER = START + 86_400_000;

let entries: (snapshot: ContainerSnapshot) => readonly ArchiveEntry[] = containerdEntries;
const bench = benchForEachTest(() => ({
  archiveWriter: { entries: (snapshot) => entries(snapshot), write: (job) => writeArchive(job, bench.clock) },
}));

let elsewhere: FakeRuntime;
let clock: ManualClock;
let client: TestClient;
beforeEach(async () => {
  entries = containerdEntries;
  clock = new ManualClock(LATER);
  elsewhere = await startFakeRuntime({ clock, settings: { hostname: 'node2' } });
  client = testClient(elsewhere.endpoint);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await elsewhere.close();
});

const at = (name: string) => path.join(bench.folder, name);
const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf(' F ') + 3));

/** Runs a script, checkpoints it after some time, and removes the container with its log. */
async function archiveOf(script: string, milliseconds: number, extra: object = {}): Promise<string> {
  const pod = await bench.client.pod('here', { log_directory: at('here') });
  const command = ['/bin/sh', '-c', script];
  const id = await bench.client.container(pod, { command, log_path: 'c.log', ...extra });
  bench.clock.advance(0);
  // Small steps, so that what one process does wakes another.
  for (let passed = 0; passed < milliseconds; passed += 50) bench.clock.advance(50);
  await bench.client.call('CheckpointContainer', { container_id: id, location: at('a.tar') });
  await bench.client.call('RemoveContainer', { container_id: id });
  rmSync(at('here'), { recursive: true, force: true });
  return at('a.tar');
}

interface There {
  readonly id: string;
  readonly log: string;
  exec(...cmd: string[]): Promise<string>;
}

async function created(from: string, extra: object = {}): Promise<There> {
  const pod = await client.pod('there', { log_directory: at('there') });
  const id = await client.created(pod, { image: { image: from }, command: [], log_path: 'c.log', ...extra });
  return {
    id,
    log: at('there/c.log'),
    exec: async (...cmd) => {
      const { stdout, stderr } = await client.call('ExecSync', { container_id: id, cmd });
      return `${stdout}${stderr}`;
    },
  };
}

async function restored(from: string, extra: object = {}): Promise<There> {
  const there = await created(from, extra);
  await client.call('StartContainer', { container_id: there.id });
  return there;
}

/** The unix sockets of an archive: process, descriptor, what it is. */
async function socketsIn(file: string): Promise<readonly (readonly [pid: number, fd: number, what: string])[]> {
  await using archive = await CheckpointArchive.open(file);
  return (await dumpedProcesses(archive)).flatMap(({ pid, sockets }) =>
    sockets.map((one) => [pid, one.fd, `${one.path} ${one.backlog === undefined ? 'connected' : 'listens'}`] as const),
  );
}

const COUNT = 'i=0; while true; do echo $i; i=$((i+1)); sleep 1; done';

describe.each([
  ['containerd', containerdEntries],
  ['cri-o', crioEntries],
] as const)('from an archive in the layout of %s', (_, layout) => {
  beforeEach(() => {
    entries = layout;
  });

  test('the count goes on without gap or repeat, in the middle of a sleep, behind the old log', async () => {
    const archive = await archiveOf(COUNT, 2300);
    const { id, log } = await restored(archive);
    expect(lines(log)).toEqual(['0', '1', '2']);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    clock.advance(699);
    expect(lines(log)).toEqual(['0', '1', '2']);
    clock.advance(1);
    expect(lines(log)).toEqual(['0', '1', '2', '3']);
    clock.advance(2000);
    expect(lines(log)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(elsewhere.control.container(id)).toMatchObject({ state: 'CONTAINER_RUNNING', restored: true });
  });

  test('unix sockets are held and connected as before, and take new clients', async () => {
    const script = 'nc -lkU /run/a.sock & nc -U /run/a.sock & sleep 2; nc -U /run/a.sock & sleep 100; true';
    const first = await archiveOf(script, 1500);
    const before = await socketsIn(first);
    expect(before).toHaveLength(3);
    const { id, exec } = await restored(first);
    await client.call('CheckpointContainer', { container_id: id, location: at('b.tar') });
    expect(await socketsIn(at('b.tar'))).toEqual(before);
    clock.advance(1000);
    await client.call('CheckpointContainer', { container_id: id, location: at('c.tar') });
    const after = await socketsIn(at('c.tar'));
    expect(after).toHaveLength(5);
    expect(after.filter(([, , text]) => text === '/run/a.sock connected')).toHaveLength(2);
    expect(await exec('sh', '-c', '[ -S /run/a.sock ] && echo there')).toBe('there\n');
  });

  test('children, traps, variables, an inherited wait and held memory are there again', async () => {
    const script = [
      "trap 'exit 5' TERM",
      "held=$(head -c 100000 /dev/zero | tr '\\0' x)",
      "text='two words'",
      `sh -c 'j=10; while true; do echo child $j; j=$((j+1)); sleep 1; done' &`,
      'sh -c "sleep 3; echo $text; exit 7"',
      'echo waited $?',
      'sleep infinity; true',
    ].join('; ');
    const { id, log } = await restored(await archiveOf(script, 1500));
    expect(lines(log)).toEqual(['child 10', 'child 11']);
    for (let second = 0; second < 3; second++) clock.advance(1000);
    expect(lines(log).sort()).toEqual(
      ['child 10', 'child 11', 'child 12', 'child 13', 'child 14', 'two words', 'waited 7'].sort(),
    );
    const stop = client.call('StopContainer', { container_id: id, timeout: 5 });
    await stop;
    expect(elsewhere.control.container(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 5 });
  });

  test('files that were written, appended to, deleted or held open are as they were', async () => {
    const script = [
      'echo new > /srv/data/new',
      'echo more >> /etc/passwd',
      'rm /etc/group',
      'echo volatile > /dev/note',
      'exec 8>/tmp/over; exec 9>>/tmp/end; exec 7>&8',
      'echo aaaa >&8; echo aaaa >&9',
      'sleep 2',
      'echo bbbb >&8; echo bbbb >&9; echo cccc >&7',
      'sleep infinity; true',
    ].join('; ');
    const there = await restored(await archiveOf(script, 1000));
    expect(await there.exec('cat', '/srv/data/new', '/dev/note')).toBe('new\nvolatile\n');
    expect(await there.exec('cat', '/etc/passwd')).toBe('root:x:0:0:root:/root:/bin/sh\nmore\n');
    expect(await there.exec('cat', '/etc/group')).toBe("cat: can't open '/etc/group': No such file or directory\n");
    expect(await there.exec('cat', '/tmp/over', '/tmp/end')).toBe('aaaa\naaaa\n');
    clock.advance(1000);
    expect(await there.exec('cat', '/tmp/over')).toBe('aaaa\nbbbb\ncccc\n');
    expect(await there.exec('cat', '/tmp/end')).toBe('aaaa\nbbbb\n');
  });

  test('it can be checkpointed and restored again, and again', async () => {
    let archive = await archiveOf(`rm /etc/group; echo x > /tmp/f; ${COUNT}`, 500);
    for (const round of [1, 2, 3]) {
      const there = await restored(archive, { metadata: { name: `round${round}` }, log_path: `${round}.log` });
      clock.advance(1000);
      expect(lines(at(`there/${round}.log`))).toEqual(['0', '1', '2', '3'].slice(0, round + 1));
      expect(await there.exec('cat', '/tmp/f', '/etc/group')).toMatch(/^x\ncat: can't open/);
      archive = at(`${round}.tar`);
      await client.call('CheckpointContainer', { container_id: there.id, location: archive });
      await client.call('StopPodSandbox', { pod_sandbox_id: elsewhere.control.state().sandboxes[0]?.id ?? '' });
      await client.call('RemovePodSandbox', { pod_sandbox_id: elsewhere.control.state().sandboxes[0]?.id ?? '' });
    }
  });
});

test('what it was made from is told: image, labels, annotations, name, environment, times', async () => {
  const archive = await archiveOf(COUNT, 1000, {
    envs: [{ key: 'GREETING', value: Buffer.from('hello') }],
    labels: { old: '1' },
    annotations: { old: '2' },
    working_dir: '/srv',
  });
  const there = await created(archive, {
    labels: { own: '3' },
    annotations: { own: '4' },
    metadata: { name: 'again' },
  });
  const status = async () => (await client.call('ContainerStatus', { container_id: there.id, verbose: true })) ?? {};
  expect((await status()).status).toMatchObject({
    state: 'CONTAINER_CREATED',
    metadata: { name: 'again' },
    image: { image: 'docker.io/library/busybox:latest' },
    labels: { own: '3' },
    annotations: { own: '4' },
  });
  await client.call('StartContainer', { container_id: there.id });
  const { info, status: now } = await status();
  expect(now).toMatchObject({ state: 'CONTAINER_RUNNING', started_at: `${LATER}000000` });
  expect(JSON.parse(info['info'] ?? '')).toMatchObject({
    restored: true,
    resumed: true,
    checkpointedAt: '2026-11-23T12:00:01Z',
    runtimeSpec: { process: { args: ['/bin/sh', '-c', COUNT], cwd: '/srv' } },
  });
  expect(await there.exec('printenv', 'GREETING', '/tmp')).toBe('');
  expect(await there.exec('printenv', 'GREETING')).toBe('hello\n');
  expect(await there.exec('pwd')).toBe('/srv\n');
});

test('an image made from an archive does as well as the archive, which may be gone', async () => {
  const archive = await archiveOf(COUNT, 1000);
  await elsewhere.control.addCheckpointImage({ reference: 'localhost/counter:checkpoint', archive });
  rmSync(archive);
  const { log } = await restored('localhost/counter:checkpoint');
  clock.advance(1000);
  expect(lines(log)).toEqual(['0', '1', '2']);
  await expect(
    elsewhere.control.addCheckpointImage({ reference: 'localhost/x', archive: at('no-such.tar') }),
  ).rejects.toThrow(
    `${at('no-such.tar')}: no image localhost/x can be made from it (open ${at('no-such.tar')}: no such`,
  );
});

test.each(['containerd-2.1.9-counter.tar', 'cri-o-1.37-counter.tar'])(
  'the memory of real processes in %s cannot be gone on with: the command begins anew, behind the old log',
  async (name) => {
    copyFileSync(path.join(__dirname, '../archive/testdata', name), at('real.tar'));
    const mounts = [{ container_path: '/dev/termination-log', host_path: '/dev/null' }];
    const { id, log, exec } = await restored(at('real.tar'), { mounts });
    const before = lines(log).filter((line) => /^\d+$/.test(line));
    clock.advance(1000);
    expect(lines(log).slice(-2)).toEqual(['0', '1']);
    expect(before.length).toBeGreaterThan(5);
    expect(await exec('cat', '/tmp/state')).toBe('started\n');
    expect(await exec('printenv', 'GREETING')).toBe('hello-from-env\n');
    const { info } = await client.call('ContainerStatus', { container_id: id, verbose: true });
    expect(JSON.parse(info['info'] ?? '')).toMatchObject({ restored: true, resumed: false });
  },
);

describe('is refused with nothing left behind:', () => {
  const refusal = async (from: string, extra: object = {}) => {
    const pod = await client.pod('there', { log_directory: at('there') });
    const image = { image: from };
    const config = { metadata: { name: 'x' }, image, log_path: 'c.log', ...extra };
    const said = await client.failure('CreateContainer', { pod_sandbox_id: pod, config });
    expect(elsewhere.control.state().containers).toEqual([]);
    expect(existsSync(at('there/c.log'))).toBe(false);
    return said.replaceAll(bench.folder, '{DIR}');
  };
  /** An archive of which one member is other than it should be. */
  const spoilt = (name: string, content: string | undefined) => {
    entries = (snapshot) =>
      containerdEntries(snapshot).flatMap((entry) => {
        if (entry.name !== name) return [entry];
        return content === undefined ? [] : [{ ...entry, size: content.length, content: Buffer.from(content) }];
      });
    return archiveOf(COUNT, 1000);
  };

  test('what is no archive', async () => {
    writeFileSync(at('empty.tar'), '');
    writeFileSync(at('garbage.tar'), 'no tar '.repeat(200));
    writeFileSync(at('short.tar'), 'short');
    expect(await refusal(at('none.tar'))).toBe('5 NOT_FOUND: failed to resolve image "{DIR}/none.tar": not found');
    await client.call('RemovePodSandbox', { pod_sandbox_id: elsewhere.control.state().sandboxes[0]?.id ?? '' });
    const start = '3 INVALID_ARGUMENT: failed to restore from "{DIR}';
    for (const [from, why] of [
      [at('empty.tar'), '/empty.tar": spec.dump: no such file or directory'],
      [at('garbage.tar'), '/garbage.tar": archive/tar: invalid tar header'],
      [at('short.tar'), '/short.tar": unexpected EOF'],
      [bench.folder, '": read {DIR}: is a directory'],
    ] as const) {
      expect(await refusal(from)).toBe(start + why);
      const [sandbox] = elsewhere.control.state().sandboxes;
      await client.call('StopPodSandbox', { pod_sandbox_id: sandbox?.id ?? '' });
      await client.call('RemovePodSandbox', { pod_sandbox_id: sandbox?.id ?? '' });
    }
  });

  test.each([
    ['spec.dump', undefined, 'spec.dump: no such file or directory'],
    ['config.dump', undefined, 'config.dump: no such file or directory'],
    ['config.dump', '{"id":', 'config.dump: unexpected end of JSON input'],
    ['config.dump', 'xyz', "config.dump: invalid character 'x' looking for beginning of value"],
    ['spec.dump', '[]', 'spec.dump: json: cannot unmarshal array into Go value of type specs.Spec'],
    [
      'config.dump',
      '{"id":5}',
      'config.dump: json: cannot unmarshal number into Go struct field ContainerConfig.id of type string',
    ],
    ['config.dump', '{}', 'config.dump: it names no image'],
    ['checkpoint/inventory.img', undefined, 'checkpoint/inventory.img: no such file or directory'],
    ['checkpoint/pstree.img', 'nonsense', 'checkpoint/pstree.img: it is not a whole CRIU image'],
    ['checkpoint/pages-1.img', undefined, 'checkpoint/pages-1.img: no such file or directory'],
    ['checkpoint/pages-1.img', 'short', 'checkpoint/pages-1.img: it ends before its last page'],
    ['rootfs-diff.tar', 'no tar at all', 'rootfs-diff.tar: unexpected EOF'],
  ])('%s being %j', async (name, content, why) => {
    const archive = await spoilt(name, content);
    expect(await refusal(archive)).toBe(`3 INVALID_ARGUMENT: failed to restore from "{DIR}/a.tar": ${why}`);
  });

  test.each(['/etc/evil', '../evil', 'a/../../evil'])('a member called %s', async (name) => {
    entries = (snapshot) => [...containerdEntries(snapshot), { name, mode: 0o644, size: 1, content: Buffer.from('x') }];
    expect(await refusal(await archiveOf(COUNT, 100))).toBe(
      `3 INVALID_ARGUMENT: failed to restore from "{DIR}/a.tar": it has a member that leads out of it: "${name}"`,
    );
  });

  test('mounts that nobody asked for', async () => {
    const mounts = ['/data', '/cache'].map((container_path) => ({ container_path, host_path: '/srv' }));
    const archive = await archiveOf(COUNT, 100, { mounts });
    expect(await refusal(archive, { mounts: mounts.slice(1) })).toBe(
      '3 INVALID_ARGUMENT: failed to restore from "{DIR}/a.tar": the checkpointed container has mounts that the request has not: /data',
    );
  });

  test('a name that is taken, and a sandbox that has been stopped', async () => {
    const archive = await archiveOf(COUNT, 100);
    const pod = await client.pod('there', { log_directory: at('there') });
    const config = { metadata: { name: 'x' }, image: { image: archive } };
    await client.call('CreateContainer', { pod_sandbox_id: pod, config });
    expect(await client.failure('CreateContainer', { pod_sandbox_id: pod, config })).toMatch(/^6 ALREADY_EXISTS/);
    await client.call('StopPodSandbox', { pod_sandbox_id: pod });
    expect(await client.failure('CreateContainer', { pod_sandbox_id: pod, config })).toMatch(/^9 FAILED_PRECONDITION/);
    expect(elsewhere.control.state().containers).toHaveLength(1);
  });
});

test('a state that was tampered with is not taken up', async () => {
  const archive = await archiveOf(COUNT, 1500);
  const bytes = readFileSync(archive);
  const found = bytes.indexOf('"variables":[["i","');
  expect(found).toBeGreaterThan(0);
  bytes.write('9', found + '"variables":[["i","'.length);
  writeFileSync(archive, bytes);
  appendFileSync(archive, '');
  const { log } = await restored(archive);
  clock.advance(0);
  expect(lines(log)).toEqual(['0', '1', '0']);
});
