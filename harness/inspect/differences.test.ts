// Tests the differences between two checkpoints of a container.
import { beforeAll, expect, test } from '@jest/globals';
import { counterSnapshot } from '../../fakes/archive/testing/counter-snapshot';
import { writeArchive } from '../../fakes/archive/writing/writer';
import { LAYOUTS } from '../dev/runtimes/fake-archive';
import { archiveDifferences, differenceLines } from './differences';
import { inspectArchive } from './inspect-archive';
import type { Inspection } from './inspection';
import { inspectionBench } from './testing/bench';

const bench = inspectionBench();
const { signal } = new AbortController();
type Snapshot = ReturnType<typeof counterSnapshot>;

async function inspected(name: string, snapshot: Snapshot): Promise<Inspection> {
  const location = bench.at(name);
  await writeArchive({ snapshot, entries: LAYOUTS.containerd(snapshot), location, signal });
  return inspectArchive(location);
}

const MIB = 1024 * 1024;
let before: Inspection;
let after: Inspection;
beforeAll(async () => {
  const old = counterSnapshot();
  const [shell, sleep] = old.processes;
  if (!shell || !sleep) throw new Error('the counter has two processes');
  const opened = { fd: 7, path: '/var/log/app.log', position: 12, size: 12, flags: 0o2001, mode: 0o644 };
  const shellLater = {
    ...shell,
    memoryBytes: shell.memoryBytes + MIB,
    environment: [...shell.environment, 'TOKEN=secret'],
    openFiles: [...shell.openFiles, { ...shell.openFiles[0], ...opened }],
  };
  const later = {
    ...old,
    processes: [shellLater, { ...sleep, pid: sleep.pid + 10 }],
    changedFiles: [...old.changedFiles, { path: '/tmp/new', content: Buffer.from('x'), mode: 0o600 }],
  };
  before = await inspected('before.tar', old);
  after = await inspected('after.tar', later);
});

test('processes, memory, open files, variables and files', () => {
  const lines = [...differenceLines(archiveDifferences(before, after))];
  const [shell, sleep] = before.processes;
  expect(lines).toEqual([
    `+ process ${(sleep?.pid ?? 0) + 10} sleep`,
    `- process ${sleep?.pid} sleep`,
    expect.stringMatching(new RegExp(`^~ memory of ${shell?.pid} sh: .* \\(\\+1\\.0 MiB\\)$`)),
    `+ open file of ${shell?.pid} sh: 7 REG /var/log/app.log at 12`,
    '+ variable of the configuration: TOKEN',
    `+ variable of ${shell?.pid} sh: TOKEN`,
    '+ changed file /tmp/new',
  ]);
  expect(lines.join()).not.toContain('secret');
});

test('an archive compared with itself has no differences', () => {
  expect([...differenceLines(archiveDifferences(before, before))]).toEqual(['no differences']);
});

test('archives of different containers are marked, and archives with several containers are refused', () => {
  const other = { ...before, container: { ...before.container, id: 'another' } };
  expect([...differenceLines(archiveDifferences(before, other))][0]).toBe('these are archives of different containers');
  expect(() => archiveDifferences({ ...before, containers: [before, after] }, after)).toThrow(/several containers/);
  expect(archiveDifferences({ ...before, containers: [before] }, before).started).toEqual([]);
});
