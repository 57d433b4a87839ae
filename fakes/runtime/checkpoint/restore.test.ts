// Tests restore with the reference persona: a container continues where it was paused, in another runtime that shares
// no state.
import { copyFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { containerdEntries } from '../../archive/containerd/containerd-layout';
import { crioEntries } from '../../archive/crio/crio-layout';
import { CheckpointArchive } from '../../archive/reading/checkpoint-archive';
import { dumpedProcesses } from '../../archive/reading/dumped-processes';
import { COUNT, LATER, lines, RestoreBench } from '../testing/test-restore';
import { METADATA } from './restore-rules';

const bench = new RestoreBench();

/** Returns the unix sockets in an archive, each with its process, file descriptor and state. */
async function socketsIn(file: string): Promise<readonly (readonly [pid: number, fd: number, what: string])[]> {
  await using archive = await CheckpointArchive.open(file);
  return (await dumpedProcesses(archive)).flatMap(({ pid, sockets }) =>
    sockets.map((one) => [pid, one.fd, `${one.path} ${one.backlog === undefined ? 'connected' : 'listens'}`] as const),
  );
}

describe.each([
  ['containerd', containerdEntries],
  ['cri-o', crioEntries],
] as const)('a restore from an archive in the layout of %s:', (_, layout) => {
  beforeEach(() => {
    bench.entries = layout;
  });

  test('a counter continues without a gap, in the middle of a sleep, and appends to its old log', async () => {
    const archive = await bench.archiveOf(COUNT, 2300);
    const { id, log } = await bench.restored(archive);
    expect(lines(log)).toEqual(['0', '1', '2']);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    bench.there.clock.advance(699);
    expect(lines(log)).toEqual(['0', '1', '2']);
    bench.there.clock.advance(1);
    expect(lines(log)).toEqual(['0', '1', '2', '3']);
    bench.there.clock.advance(2000);
    expect(lines(log)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(bench.there.runtime.control.container(id)).toMatchObject({ state: 'CONTAINER_RUNNING', restored: true });
  });

  test('a loop over words continues with the same iteration', async () => {
    const script =
      'for i in a b; do for j in $(echo x y) "z z"; do echo $i $j; sleep 1; done; done; sleep infinity; true';
    const { log } = await bench.restored(await bench.archiveOf(script, 1500));
    expect(lines(log)).toEqual(['a x', 'a y']);
    bench.there.clock.advance(499);
    expect(lines(log)).toEqual(['a x', 'a y']);
    for (let second = 0; second < 6; second++) bench.there.clock.advance(1000);
    expect(lines(log)).toEqual(['a x', 'a y', 'a z z', 'b x', 'b y', 'b z z']);
  });

  test('unix sockets listen and are connected as before, and accept new clients', async () => {
    const script = 'nc -lkU /run/a.sock & nc -U /run/a.sock & sleep 2; nc -U /run/a.sock & sleep 100; true';
    const first = await bench.archiveOf(script, 1500);
    const before = await socketsIn(first);
    expect(before).toHaveLength(3);
    const { id, exec } = await bench.restored(first);
    await bench.there.client.call('CheckpointContainer', { container_id: id, location: bench.at('b.tar') });
    expect(await socketsIn(bench.at('b.tar'))).toEqual(before);
    bench.there.clock.advance(1000);
    await bench.there.client.call('CheckpointContainer', { container_id: id, location: bench.at('c.tar') });
    const after = await socketsIn(bench.at('c.tar'));
    expect(after).toHaveLength(5);
    expect(after.filter(([, , text]) => text === '/run/a.sock connected')).toHaveLength(2);
    expect(await exec('sh', '-c', '[ -S /run/a.sock ] && echo there')).toBe('there\n');
  });

  test('children, traps, variables, a pending wait and allocated memory are restored', async () => {
    const script = [
      "trap 'exit 5' TERM",
      "held=$(head -c 100000 /dev/zero | tr '\\0' x)",
      "text='two words'",
      `sh -c 'j=10; while true; do echo child $j; j=$((j+1)); sleep 1; done' &`,
      'sh -c "sleep 3; echo $text; exit 7"',
      'echo waited $?',
      'sleep infinity; true',
    ].join('; ');
    const { id, log } = await bench.restored(await bench.archiveOf(script, 1500));
    expect(lines(log)).toEqual(['child 10', 'child 11']);
    for (let second = 0; second < 3; second++) bench.there.clock.advance(1000);
    expect(lines(log).sort()).toEqual(
      ['child 10', 'child 11', 'child 12', 'child 13', 'child 14', 'two words', 'waited 7'].sort(),
    );
    const stop = bench.there.client.call('StopContainer', { container_id: id, timeout: 5 });
    await stop;
    expect(bench.there.runtime.control.container(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 5 });
  });

  test('written, appended, deleted and open files are restored', async () => {
    const script = [
      'echo new > /srv/data/new',
      'echo more >> /etc/passwd',
      'rm /etc/group',
      'mkdir -p /srv/made/empty',
      'echo volatile > /dev/note',
      'exec 8>/tmp/over; exec 9>>/tmp/end; exec 7>&8',
      'echo aaaa >&8; echo aaaa >&9',
      'sleep 2',
      'echo bbbb >&8; echo bbbb >&9; echo cccc >&7',
      'sleep infinity; true',
    ].join('; ');
    const there = await bench.restored(await bench.archiveOf(script, 1000));
    expect(await there.exec('cat', '/srv/data/new', '/dev/note')).toBe('new\nvolatile\n');
    expect(await there.exec('cat', '/etc/passwd')).toBe('root:x:0:0:root:/root:/bin/sh\nmore\n');
    expect(await there.exec('cat', '/etc/group')).toBe("cat: can't open '/etc/group': No such file or directory\n");
    expect(await there.exec('cat', '/tmp/over', '/tmp/end')).toBe('aaaa\naaaa\n');
    expect(await there.exec('ls', '/srv/made', '/srv/made/empty')).toBe('empty\n');
    bench.there.clock.advance(1000);
    expect(await there.exec('cat', '/tmp/over')).toBe('aaaa\nbbbb\ncccc\n');
    expect(await there.exec('cat', '/tmp/end')).toBe('aaaa\nbbbb\n');
  });

  test('a file is the same one under each of its paths', async () => {
    const script =
      'mkdir -p /srv/d; exec 9>>/srv//log; echo a >&9; echo a > /srv/d/../n; sleep 1; echo b >&9; echo b >> /srv/d/../n; sleep infinity; true';
    const there = await bench.restored(await bench.archiveOf(script, 500));
    bench.there.clock.advance(500);
    expect(await there.exec('cat', '/srv/log', '/srv//log', '/srv/n', '/srv/d/../n')).toBe('a\nb\n'.repeat(4));
  });

  test('a restored container can be checkpointed and restored again', async () => {
    let archive = await bench.archiveOf(`rm /etc/group; echo x > /tmp/f; ${COUNT}`, 500);
    for (const round of [1, 2, 3]) {
      const there = await bench.restored(archive, { metadata: { name: `round${round}` }, log_path: `${round}.log` });
      bench.there.clock.advance(1000);
      expect(lines(bench.at(`there/${round}.log`))).toEqual(['0', '1', '2', '3'].slice(0, round + 1));
      expect(await there.exec('cat', '/tmp/f', '/etc/group')).toMatch(/^x\ncat: can't open/);
      archive = bench.at(`${round}.tar`);
      await bench.there.client.call('CheckpointContainer', { container_id: there.id, location: archive });
      await bench.there.client.call('StopPodSandbox', {
        pod_sandbox_id: bench.there.runtime.control.state().sandboxes[0]?.id ?? '',
      });
      await bench.there.client.call('RemovePodSandbox', {
        pod_sandbox_id: bench.there.runtime.control.state().sandboxes[0]?.id ?? '',
      });
    }
  });
});

test.each([
  ['CRI-O', crioEntries, [false, true]],
  ['containerd', containerdEntries, [false, false]],
] as const)('an archive of %s records whether its container was itself restored', async (_, layout, expected) => {
  bench.entries = layout;
  const first = await bench.archiveOf(COUNT, 500);
  const { id } = await bench.restored(first);
  await bench.there.client.call('CheckpointContainer', { container_id: id, location: bench.at('b.tar') });
  const restoredFlags = [first, bench.at('b.tar')].map(async (file) => {
    await using archive = await CheckpointArchive.open(file);
    return (await archive.json('config.dump', METADATA['config.dump']))['restored'];
  });
  expect(await Promise.all(restoredFlags)).toEqual(expected);
});

test('a restored container reports its image, labels, annotations, name, environment and times', async () => {
  const archive = await bench.archiveOf(COUNT, 1000, {
    envs: [{ key: 'GREETING', value: Buffer.from('hello') }],
    labels: { old: '1' },
    annotations: { old: '2' },
    working_dir: '/srv',
  });
  const there = await bench.created(archive, {
    labels: { own: '3' },
    annotations: { own: '4' },
    metadata: { name: 'again' },
  });
  const status = async () =>
    (await bench.there.client.call('ContainerStatus', { container_id: there.id, verbose: true })) ?? {};
  expect((await status()).status).toMatchObject({
    state: 'CONTAINER_CREATED',
    metadata: { name: 'again' },
    image: { image: 'docker.io/library/busybox:latest' },
    labels: { own: '3' },
    annotations: { own: '4' },
  });
  await bench.there.client.call('StartContainer', { container_id: there.id });
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

test('an image made from an archive restores as the archive does, even if the archive is deleted', async () => {
  const archive = await bench.archiveOf(COUNT, 1000);
  await bench.there.runtime.control.addCheckpointImage({ reference: 'localhost/counter:checkpoint', archive });
  rmSync(archive);
  const { log } = await bench.restored('localhost/counter:checkpoint');
  bench.there.clock.advance(1000);
  expect(lines(log)).toEqual(['0', '1', '2']);
  await expect(
    bench.there.runtime.control.addCheckpointImage({ reference: 'localhost/x', archive: bench.at('no-such.tar') }),
  ).rejects.toThrow(
    `${bench.at('no-such.tar')}: image localhost/x cannot be made from it (open ${bench.at('no-such.tar')}: no such`,
  );
});

test.each(['containerd-2.1.9-counter.tar', 'cri-o-1.37-counter.tar'])(
  'the memory of real processes in %s is not restored: the command starts again, and the old log is kept',
  async (name) => {
    copyFileSync(path.join(__dirname, '../../archive/testdata', name), bench.at('real.tar'));
    const mounts = [{ container_path: '/dev/termination-log', host_path: '/dev/null' }];
    const { id, log, exec } = await bench.restored(bench.at('real.tar'), { mounts });
    const before = lines(log).filter((line) => /^\d+$/.test(line));
    bench.there.clock.advance(1000);
    expect(lines(log).slice(-2)).toEqual(['0', '1']);
    expect(before.length).toBeGreaterThan(5);
    expect(await exec('cat', '/tmp/state')).toBe('started\n');
    expect(await exec('printenv', 'GREETING')).toBe('hello-from-env\n');
    const { info } = await bench.there.client.call('ContainerStatus', { container_id: id, verbose: true });
    expect(JSON.parse(info['info'] ?? '')).toMatchObject({ restored: true, resumed: false });
  },
);
