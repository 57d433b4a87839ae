// Tests restore with the personas: checks, error messages, annotations, labels, mounts and images.
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { containerdEntries } from '../../archive/containerd/containerd-layout';
import { crioEntries } from '../../archive/crio/crio-layout';
import type { ArchiveEntry } from '../../archive/job';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { writeArchive } from '../../archive/writing/writer';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { type TestClient, testClient } from '../../runtime/testing/test-client';
import { applyToRuntime } from '../apply';
import { persona } from './personas';

let directory: string;
let runtime: RuntimeServer;
let client: TestClient;
let clock: ManualClock;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(tmpdir(), 'ckptest-test-'));
  clock = new ManualClock(Date.UTC(2026, 10, 23, 12));
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
  await fs.rm(directory, { recursive: true });
});

async function start(name: string, options = {}): Promise<void> {
  runtime = await startRuntimeServer(
    applyToRuntime(
      { clock, ...options },
      persona(name).effects(() => runtime.control),
    ),
  );
  client = testClient(runtime.endpoint);
}

type Entries = (snapshot: ContainerSnapshot) => readonly ArchiveEntry[];
type Change = (entries: readonly ArchiveEntry[]) => readonly ArchiveEntry[];

const at = (name: string) => path.join(directory, name);

/** Returns an archive of a container that has counted to 1, written by the reference runtime in this layout. */
async function archive(layout: Entries, change: Change = (entries) => entries, extra: object = {}): Promise<string> {
  const writer = new ManualClock(Date.UTC(2026, 10, 22, 12));
  await using source = await startRuntimeServer({
    clock: writer,
    archiveWriter: { entries: (snapshot) => change(layout(snapshot)), write: (job) => writeArchive(job, writer) },
  });
  using cri = testClient(source.endpoint);
  const pod = await cri.pod('old', { log_directory: at('old') });
  const container_id = await cri.container(pod, { log_path: 'c.log', ...extra });
  writer.advance(1000);
  await cri.call('CheckpointContainer', { container_id, location: at('a.tar') });
  return at('a.tar');
}

const without =
  (name: string): Change =>
  (entries) =>
    entries.filter((entry) => entry.name !== name);
const saying =
  (name: string, content: string | ((before: string) => string)): Change =>
  (entries) =>
    entries.map((entry) => {
      if (entry.name !== name) return entry;
      const text = typeof content === 'string' ? content : content(String(entry.content));
      return { ...entry, content: Buffer.from(text), size: Buffer.byteLength(text) };
    });

/** Creates a container from an archive. Returns its id or the error, with variable parts of the message replaced. */
async function create(from: string, extra: object = {}): Promise<string> {
  const pod = await client.pod('new', { log_directory: at('new') });
  const image = { image: from, user_specified_image: from };
  const config = { metadata: { name: 'again' }, image, log_path: 'c.log', ...extra };
  const said = await client.call('CreateContainer', { pod_sandbox_id: pod, config }).then(
    ({ container_id }) => container_id,
    (error: Error) => error.message,
  );
  return said.replaceAll(directory, '{DIR}').replace(/\/tmp\/checkpoint\d+/g, '{TMP}');
}

const LAYOUTS = { 'containerd-2.1': containerdEntries, 'cri-o-1.37+restore': crioEntries } as const;
type Restoring = keyof typeof LAYOUTS;
const BOTH: readonly Restoring[] = ['containerd-2.1', 'cri-o-1.37+restore'];

describe.each(BOTH)('%s', (name) => {
  const layout = LAYOUTS[name];

  test('the counter continues after the restore', async () => {
    await start(name);
    const container_id = await create(await archive(layout));
    await client.call('StartContainer', { container_id });
    clock.advance(1000);
    const { status } = await client.call('ContainerStatus', { container_id });
    expect(status?.log_path).toBe(at(name.startsWith('cri-o') ? `new/${container_id}.log` : 'new/c.log'));
    const log = await fs.readFile(status?.log_path ?? '', 'utf8');
    expect(log.split('\n').map((line) => line.slice(line.indexOf(' F ') + 3))).toEqual(['0', '1', '2', '']);
  });

  test.each([
    ['a folder', () => fs.mkdir(at('x')), 'unpacking of checkpoint archive {TMP} failed: read {DIR}/x: is a directory'],
    [
      'an empty file',
      () => fs.writeFile(at('x'), ''),
      'failed to read "spec.dump": open {TMP}/spec.dump: no such file or directory',
    ],
    [
      'no tar',
      () => fs.writeFile(at('x'), 'x'.repeat(2000)),
      'unpacking of checkpoint archive {TMP} failed: archive/tar: invalid tar header',
    ],
    ['a short file', () => fs.writeFile(at('x'), 'x'), 'unpacking of checkpoint archive {TMP} failed: unexpected EOF'],
  ])('a restore from %s fails with the recorded message', async (_, make, said) => {
    await start(name);
    await make();
    expect(await create(at('x'))).toBe(`2 UNKNOWN: ${said}`);
    expect(runtime.control.state().containers).toEqual([]);
  });

  test.each([
    [without('spec.dump'), 'failed to read "spec.dump": open {TMP}/spec.dump: no such file or directory'],
    [without('config.dump'), 'failed to read "config.dump": open {TMP}/config.dump: no such file or directory'],
    [
      saying('spec.dump', '{"a":'),
      'failed to read "spec.dump": failed to unmarshal {TMP}/spec.dump: unexpected end of JSON input',
    ],
    [
      saying('config.dump', 'xyz'),
      'failed to read "config.dump": failed to unmarshal {TMP}/config.dump: ' +
        "invalid character 'x' looking for beginning of value",
    ],
  ])('a restore from invalid metadata fails with the recorded message', async (change, said) => {
    await start(name);
    expect(await create(await archive(layout, change))).toBe(`2 UNKNOWN: ${said}`);
    expect(runtime.control.state().containers).toEqual([]);
  });
});

test('containerd treats a path that does not exist as an invalid image name (measured)', async () => {
  await start('containerd-2.1');
  expect(await create(at('none.tar'))).toBe(
    '5 NOT_FOUND: failed to check if this is a checkpoint image: failed to resolve image "{DIR}/none.tar": not found',
  );
});

test('CRI-O reports that a path that does not exist is not an image name (measured)', async () => {
  await start('cri-o-1.37+restore');
  expect(await create(at('none.tar'))).toBe(
    '2 UNKNOWN: failed to check if this is a checkpoint image: cannot parse input: "{DIR}/none.tar": invalid reference format',
  );
});

test.each(['containerd-1.6', 'containerd-2.4', 'cri-dockerd', 'cri-o-1.37', 'cri-o-1.37+disabled'])(
  '%s treats the path of an archive as an image name',
  async (name) => {
    await start(name);
    const said = await create(await archive(containerdEntries));
    expect(said).toMatch(
      /NOT_FOUND: failed to resolve image ".*": not found|UNKNOWN: cannot parse input: "{DIR}\/a.tar"/,
    );
    expect(runtime.control.state().containers).toEqual([]);
  },
);

test.each([
  ['containerd-2.1', crioEntries, 'failed to read "status.dump": open {TMP}/status.dump: no such file or directory'],
  [
    'cri-o-1.37+restore',
    containerdEntries,
    'failed to read "io.kubernetes.cri-o.Annotations": unexpected end of JSON input',
  ],
])('%s refuses an archive in the layout of the other runtime', async (name, layout, said) => {
  await start(name);
  expect(await create(await archive(layout))).toBe(`2 UNKNOWN: ${said}`);
});

test.each([
  [
    /"rootfsImageRef":"[^"]*"/,
    '"rootfsImageRef":""',
    '2 UNKNOWN: failed to pull checkpoint base image : failed to resolve reference "": hostname required',
  ],
  [
    /"rootfsImageRef":"[^"]*"/,
    '"rootfsImageRef":"localhost:5000/none:1"',
    '5 NOT_FOUND: failed to pull checkpoint base image localhost:5000/none:1: failed to resolve reference "localhost:5000/none:1": localhost:5000/none:1: not found',
  ],
  [
    /"rootfsImageRef":"[^"]*"/,
    '"rootfsImageRef":"sha256:12ab"',
    '2 UNKNOWN: failed to pull checkpoint base image sha256:12ab: failed to resolve reference "sha256:12ab": parse "dummy://sha256:12ab": invalid port ":12ab" after host',
  ],
  [
    /"rootfsImageName":"[^"]*"/,
    '"rootfsImageName":"@@@"',
    '2 UNKNOWN: error parsing reference: "@@@" is not a valid repository/tag invalid reference format',
  ],
])('containerd pulls the base image, however the archive names it: %s %s', async (old, now, said) => {
  await start('containerd-2.1', { registry: [{ image: 'localhost:5000/none:1', do: 'absent' }] });
  const change = saying('config.dump', (text) => text.replace(old, now));
  expect(await create(await archive(containerdEntries, change))).toBe(said);
});

test('CRI-O names the missing base image in its error, and not the archive', async () => {
  await start('cri-o-1.37+restore');
  const absent = 'ab'.repeat(32);
  const change = saying('config.dump', (text) =>
    text.replace(/"rootfsImageRef": "[^"]*"/, `"rootfsImageRef": "${absent}"`),
  );
  expect(await create(await archive(crioEntries, change))).toMatch(
    new RegExp(`^2 UNKNOWN: reference ".*\\]${absent}" does not resolve to an image ID$`),
  );
});

test('containerd uses the annotations of the checkpoint, and labels and mounts of the request (measured)', async () => {
  await start('containerd-2.1');
  const before = {
    annotations: {
      own: 'old',
      'cdi.k8s.io/gpu': 'x',
      'io.kubernetes.container.hash': 'old',
      'io.kubernetes.pod.uid': 'old',
    },
    labels: { old: '1' },
  };
  const container_id = await create(await archive(containerdEntries, undefined, before), {
    annotations: { 'io.kubernetes.container.hash': 'new', 'io.kubernetes.container.restartCount': '7', asked: '1' },
    labels: { new: '2' },
    mounts: [{ container_path: '/mnt', host_path: '/srv' }],
  });
  const { status } = await client.call('ContainerStatus', { container_id });
  expect(status).toMatchObject({
    annotations: {
      own: 'old',
      'io.kubernetes.container.hash': 'new',
      'io.kubernetes.pod.uid': 'uid-new',
      restored: 'true',
      checkpointedAt: '2026-11-22T12:00:01Z',
      checkpointImage: at('a.tar'),
    },
    labels: { new: '2' },
    mounts: [{ container_path: '/mnt' }],
    metadata: { name: 'again' },
    image: { image: 'docker.io/library/busybox:latest' },
    state: 'CONTAINER_CREATED',
  });
  expect(Object.keys(status?.annotations ?? {})).toHaveLength(6);
});

test('CRI-O uses the annotations of the checkpoint, and requires its mounts in the request', async () => {
  await start('cri-o-1.37+restore');
  const mounts = ['/data', '/cache'].map((container_path) => ({ container_path, host_path: '/old' }));
  const from = await archive(crioEntries, undefined, { annotations: { own: 'old' }, labels: { old: '1' }, mounts });
  expect(await create(from)).toBe(
    '2 UNKNOWN: restoring "{DIR}/a.tar" expects following bind mounts defined (/data,/cache)',
  );
  await client.call('StopPodSandbox', { pod_sandbox_id: runtime.control.state().sandboxes[0]?.id ?? '' });
  await client.call('RemovePodSandbox', { pod_sandbox_id: runtime.control.state().sandboxes[0]?.id ?? '' });
  const container_id = await create(from, {
    annotations: { asked: '1' },
    labels: { new: '2' },
    mounts: ['/data', '/cache', '/more'].map((container_path) => ({ container_path, host_path: '/new' })),
    linux: { security_context: { privileged: false } },
  });
  const { status, info } = await client.call('ContainerStatus', { container_id, verbose: true });
  expect([status?.annotations, status?.labels]).toEqual([{ own: 'old' }, { new: '2' }]);
  expect(status?.mounts.map(({ container_path, host_path }) => `${host_path}:${container_path}`)).toEqual([
    '/new:/data',
    '/new:/cache',
  ]);
  const told = JSON.parse(info['info'] ?? '');
  expect(told).toMatchObject({ restored: true, checkpointedAt: '2026-11-22T12:00:01Z' });
  expect(told.config.linux.security_context.masked_paths).toContain('/proc/kcore');
});

test('CRI-O reports for every container whether it was restored (measured)', async () => {
  await start('cri-o-1.37+restore');
  const container_id = await client.container(await client.pod());
  const { info } = await client.call('ContainerStatus', { container_id, verbose: true });
  expect(JSON.parse(info['info'] ?? '')).toMatchObject({ restored: false, checkpointedAt: '0001-01-01T00:00:00Z' });
});

test('containerd detects an incomplete checkpoint at the start, and the container stays as exited (measured)', async () => {
  await start('containerd-2.1');
  const container_id = await create(await archive(containerdEntries, without('checkpoint/inventory.img')));
  const said =
    'failed to restore containerd task: failed to create shim task: OCI runtime restore failed: criu failed: type RESTORE errno 0';
  expect(await client.failure('StartContainer', { container_id })).toBe(`2 UNKNOWN: ${said}`);
  const { status } = await client.call('ContainerStatus', { container_id });
  expect(status).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: 128, reason: 'StartError', message: said });
});

test('containerd has a separate error for an unreadable root file system difference (measured)', async () => {
  await start('containerd-2.1');
  const container_id = await create(await archive(containerdEntries, saying('rootfs-diff.tar', 'not a tar')));
  expect(await client.failure('StartContainer', { container_id })).toMatch(
    /^2 UNKNOWN: failed to restore containerd task: failed to create shim task: unpacking of rootfs-diff archive .*\/ctrd-restore\/rootfs-diff.tar into .*\/rootfs failed: unexpected EOF$/,
  );
});

test('CRI-O detects an incomplete checkpoint at the start, and removes the container and its name', async () => {
  await start('cri-o-1.37+restore');
  const from = await archive(crioEntries, without('checkpoint/inventory.img'));
  const container_id = await create(from);
  expect(await client.failure('StartContainer', { container_id })).toBe(
    `2 UNKNOWN: failed to restore container ${container_id}: a complete checkpoint for this container cannot be found, cannot restore`,
  );
  expect(runtime.control.state().containers).toEqual([]);
});

test('CRI-O with a signature policy restores nothing from a path (measured)', async () => {
  await start('cri-o-1.37+restore+signature-policy');
  expect(await create(await archive(crioEntries))).toBe(
    '2 UNKNOWN: user specified image not specified, cannot verify image signature',
  );
  expect(runtime.control.state().containers).toEqual([]);
});

test('CRI-O does not restore a running container', async () => {
  await start('cri-o-1.37+restore');
  const container_id = await create(await archive(crioEntries));
  await client.call('StartContainer', { container_id });
  expect(await client.failure('StartContainer', { container_id })).toBe(
    `2 UNKNOWN: cannot restore running container ${container_id}`,
  );
});

test('without CRIU, containerd creates the container and cannot start it', async () => {
  await start('containerd-2.1+criu-missing');
  const container_id = await create(await archive(containerdEntries));
  expect(await client.failure('StartContainer', { container_id })).toMatch(/executable file not found in \$PATH$/);
});

test.each([
  ['containerd-2.1', 'checkpointctl', true],
  ['containerd-2.1', 'cri-o', false],
  ['cri-o-1.37+restore', 'checkpointctl', false],
  ['cri-o-1.37+restore', 'cri-o', true],
] as const)('%s treats an image made by %s as a checkpoint: %s', async (name, builder, taken) => {
  await start(name);
  const reference = 'localhost/counter:1';
  await runtime.control.addCheckpointImage({ reference, archive: await archive(LAYOUTS[name]), builder });
  const container_id = await create(reference);
  await setImmediate();
  expect(runtime.control.container(container_id)?.restored).toBe(taken);
});
