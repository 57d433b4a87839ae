import { expect, test } from '@jest/globals';
import { containerdEntries } from '../../archive/containerd/containerd-layout';
import { crioEntries } from '../../archive/crio/crio-layout';
import { PersonaBench, saying, without } from '../testing/persona-bench';

const bench = PersonaBench.forEachTest();

test('containerd uses the annotations of the checkpoint, and labels and mounts of the request (measured)', async () => {
  await bench.start('containerd-2.1');
  const before = {
    annotations: {
      own: 'old',
      'cdi.k8s.io/gpu': 'x',
      'io.kubernetes.container.hash': 'old',
      'io.kubernetes.pod.uid': 'old',
    },
    labels: { old: '1' },
  };
  const container_id = await bench.create(await bench.archive(containerdEntries, undefined, before), {
    annotations: { 'io.kubernetes.container.hash': 'new', 'io.kubernetes.container.restartCount': '7', asked: '1' },
    labels: { new: '2' },
    mounts: [{ container_path: '/mnt', host_path: '/srv' }],
  });
  const { status } = await bench.client.call('ContainerStatus', { container_id });
  expect(status).toMatchObject({
    annotations: {
      own: 'old',
      'io.kubernetes.container.hash': 'new',
      'io.kubernetes.pod.uid': 'uid-new',
      restored: 'true',
      checkpointedAt: '2026-11-22T12:00:01Z',
      checkpointImage: bench.at('a.tar'),
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
  await bench.start('cri-o-1.37+restore');
  const mounts = ['/data', '/cache'].map((container_path) => ({ container_path, host_path: '/old' }));
  const from = await bench.archive(crioEntries, undefined, {
    annotations: { own: 'old' },
    labels: { old: '1' },
    mounts,
  });
  expect(await bench.create(from)).toBe(
    '2 UNKNOWN: restoring "{DIR}/a.tar" expects following bind mounts defined (/data,/cache)',
  );
  await bench.client.call('StopPodSandbox', { pod_sandbox_id: bench.runtime.control.state().sandboxes[0]?.id ?? '' });
  await bench.client.call('RemovePodSandbox', { pod_sandbox_id: bench.runtime.control.state().sandboxes[0]?.id ?? '' });
  const container_id = await bench.create(from, {
    annotations: { asked: '1' },
    labels: { new: '2' },
    mounts: ['/data', '/cache', '/more'].map((container_path) => ({ container_path, host_path: '/new' })),
    linux: { security_context: { privileged: false } },
  });
  const { status, info } = await bench.client.call('ContainerStatus', { container_id, verbose: true });
  expect([status?.annotations, status?.labels]).toEqual([{ own: 'old' }, { new: '2' }]);
  expect(status?.mounts.map(({ container_path, host_path }) => `${host_path}:${container_path}`)).toEqual([
    '/new:/data',
    '/new:/cache',
  ]);
  const told = JSON.parse(info['info'] ?? '');
  expect(told).toMatchObject({ restored: true, checkpointedAt: '2026-11-22T12:00:01Z' });
  expect(told.config.linux.security_context.masked_paths).toContain('/proc/kcore');
});

test.each(['cri-o-1.37', 'cri-o-1.37+restore'])(
  '%s reports for every container whether it was restored',
  async (name) => {
    await bench.start(name);
    const container_id = await bench.client.container(await bench.client.pod());
    const { info } = await bench.client.call('ContainerStatus', { container_id, verbose: true });
    expect(JSON.parse(info['info'] ?? '')).toMatchObject({ restored: false, checkpointedAt: '0001-01-01T00:00:00Z' });
  },
);

test('containerd detects an incomplete checkpoint at the start, and the container stays as exited (measured)', async () => {
  await bench.start('containerd-2.1');
  const container_id = await bench.create(await bench.archive(containerdEntries, without('checkpoint/inventory.img')));
  const said =
    'failed to restore containerd task: failed to create shim task: OCI runtime restore failed: criu failed: type RESTORE errno 0';
  expect(await bench.client.failure('StartContainer', { container_id })).toBe(`2 UNKNOWN: ${said}`);
  const { status } = await bench.client.call('ContainerStatus', { container_id });
  expect(status).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: 128, reason: 'StartError', message: said });
});

test('containerd has a separate error for an unreadable root file system difference (measured)', async () => {
  await bench.start('containerd-2.1');
  const container_id = await bench.create(
    await bench.archive(containerdEntries, saying('rootfs-diff.tar', 'not a tar')),
  );
  expect(await bench.client.failure('StartContainer', { container_id })).toMatch(
    /^2 UNKNOWN: failed to restore containerd task: failed to create shim task: unpacking of rootfs-diff archive .*\/ctrd-restore\/rootfs-diff.tar into .*\/rootfs failed: unexpected EOF$/,
  );
});

test('CRI-O detects an incomplete checkpoint at the start, and removes the container and its name', async () => {
  await bench.start('cri-o-1.37+restore');
  const from = await bench.archive(crioEntries, without('checkpoint/inventory.img'));
  const container_id = await bench.create(from);
  expect(await bench.client.failure('StartContainer', { container_id })).toBe(
    `2 UNKNOWN: failed to restore container ${container_id}: a complete checkpoint for this container cannot be found, cannot restore`,
  );
  expect(bench.runtime.control.state().containers).toEqual([]);
});

test('CRI-O with a signature policy restores nothing from a path (measured)', async () => {
  await bench.start('cri-o-1.37+restore+signature-policy');
  expect(await bench.create(await bench.archive(crioEntries))).toBe(
    '2 UNKNOWN: user specified image not specified, cannot verify image signature',
  );
  expect(bench.runtime.control.state().containers).toEqual([]);
});

test('CRI-O does not restore a running container', async () => {
  await bench.start('cri-o-1.37+restore');
  const container_id = await bench.create(await bench.archive(crioEntries));
  await bench.client.call('StartContainer', { container_id });
  expect(await bench.client.failure('StartContainer', { container_id })).toBe(
    `2 UNKNOWN: cannot restore running container ${container_id}`,
  );
});

test('without CRIU, containerd creates the container and cannot start it', async () => {
  await bench.start('containerd-2.1+criu-missing');
  const container_id = await bench.create(await bench.archive(containerdEntries));
  expect(await bench.client.failure('StartContainer', { container_id })).toMatch(
    /executable file not found in \$PATH$/,
  );
});

const NO_COMMAND =
  /^2 UNKNOWN: failed to generate container "[0-9a-f]{64}" spec: failed to generate spec: no command specified$/;

test.each([
  ['containerd-2.1', 'checkpointctl', undefined],
  ['containerd-2.1', 'cri-o', NO_COMMAND],
  ['containerd-2.3', 'checkpointctl', /^2 UNKNOWN: checkpoint restore via CreateContainer is disabled/],
  ['containerd-2.3', 'cri-o', NO_COMMAND],
  ['containerd-1.6', 'checkpointctl', NO_COMMAND],
  ['cri-o-1.37+restore', 'checkpointctl', /^2 UNKNOWN: no command specified$/],
  ['cri-o-1.37+restore', 'cri-o', undefined],
  ['cri-o-1.37', 'cri-o', /^2 UNKNOWN: no command specified$/],
  ['reference', 'cri-o', undefined],
] as const)('%s treats an image made by %s as a checkpoint, or as an image without a command: %s', async (...row) => {
  const [name, builder, refusal] = row;
  await bench.start(name);
  const reference = 'localhost/counter:1';
  const layout = name.startsWith('cri-o') ? crioEntries : containerdEntries;
  await bench.runtime.control.addCheckpointImage({ reference, archive: await bench.archive(layout), builder });
  const created = await bench.create(reference);
  if (refusal) expect(created).toMatch(refusal);
  else expect(bench.runtime.control.container(created)?.restored).toBe(true);
  expect(bench.runtime.control.state().containers).toHaveLength(refusal ? 0 : 1);
});

test('an image without a command runs the command of the container config', async () => {
  await bench.start('containerd-2.1');
  const reference = 'localhost/counter:1';
  const archive = await bench.archive(containerdEntries);
  await bench.runtime.control.addCheckpointImage({ reference, archive, annotations: {} });
  const id = await bench.create(reference, { command: ['sleep', '1'] });
  expect(bench.runtime.control.container(id)?.restored).toBe(false);
});

test.each([
  ['cri-o-1.37', { 'io.kubernetes.cri-o.annotations.checkpoint.name': 'main' }, {}],
  ['containerd-2.1', undefined, undefined],
] as const)('%s shows the annotations of images in their spec: %j', async (name, ofCheckpoint, ofBusybox) => {
  await bench.start(name);
  const reference = 'localhost/counter:1';
  const archive = await bench.archive(crioEntries);
  await bench.runtime.control.addCheckpointImage({ reference, archive, builder: 'cri-o' });
  const annotations = async (image: string) =>
    (await bench.client.call('ImageStatus', { image: { image } })).image?.spec?.annotations;
  expect(await annotations(reference)).toEqual(ofCheckpoint);
  // These values were recorded from both runtimes.
  expect(await annotations('busybox')).toEqual(ofBusybox);
  const { images } = await bench.client.call('ListImages', {});
  expect(images.find(({ repo_tags }) => repo_tags.includes(reference))?.spec?.annotations).toEqual(ofCheckpoint);
});
