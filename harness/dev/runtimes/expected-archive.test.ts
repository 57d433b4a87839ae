// Tests that the expectation of an archive is derived from its snapshot.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { create } from 'tar';
import type { ContainerSnapshot, SnapshotProcess } from '../../../fakes/archive/snapshot';
import { expectedOf, memberSizes } from './expected-archive';

function process(pid: number, parentPid: number, name: string): SnapshotProcess {
  const rest = { memoryBytes: 0, plantedStrings: [], openFiles: [] };
  return { pid, parentPid, name, arguments: [name, '-x'], environment: ['A=b=c', 'EMPTY='], ...rest };
}

const snapshot: ContainerSnapshot = {
  containerId: 'c1',
  containerName: 'counter',
  attempt: 0,
  sandboxId: 's1',
  podName: 'pod',
  podNamespace: 'default',
  podUid: 'u1',
  image: 'busybox:latest',
  imageRef: 'sha256:1',
  imageId: 'sha256:1',
  ociRuntime: 'io.containerd.runc.v2',
  cgroupPath: '/k8s.io/c1',
  createdAt: '1',
  startedAt: '2',
  checkpointedAt: '3',
  labels: {},
  annotations: {},
  mounts: [],
  workingDirectory: '/',
  logPath: '',
  resources: {},
  security: { uid: 0, gid: 0, groups: [], maskedPaths: [], readonlyPaths: [] },
  processes: [process(1, 0, 'sh'), process(7, 1, 'sleep'), process(9, 7, 'cat')],
  changedFiles: [],
};

test('processes become a tree, variables are split at their first equals sign, sizes are added', () => {
  const sizes = new Map([
    ['checkpoint/pages-1.img', 4096],
    ['checkpoint/pages-2.img', 8192],
    ['checkpoint/pagemap-1.img', 70],
    ['rootfs-diff.tar', 1024],
  ]);
  const expected = expectedOf(snapshot, sizes, 'containerd');
  expect(expected).toMatchObject({ containerName: 'counter', memoryPagesBytes: 12_288, rootFsDiffBytes: 1024 });
  expect(expected.processTree).toMatchObject({
    pid: 1,
    command: 'sh',
    arguments: ['sh', '-x'],
    environment: { A: 'b=c', EMPTY: '' },
    children: [{ pid: 7, children: [{ pid: 9, children: [] }] }],
  });
});

test('a snapshot without processes is an error', () => {
  expect(() => expectedOf({ ...snapshot, processes: [] }, new Map(), 'containerd')).toThrow(/counter has no process/);
});

test('sizes are read from the archive', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'ckptest-sizes-'));
  try {
    await writeFile(path.join(directory, 'spec.dump'), '{}');
    await create({ file: path.join(directory, 'a.tar'), cwd: directory }, ['./spec.dump']);
    expect(await memberSizes(path.join(directory, 'a.tar'))).toEqual(new Map([['spec.dump', 2]]));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
