// Tests what commands see in addition to the container's own files: user, name servers, kernel settings, processes,
// mounts.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { benchForEachTest } from '../testing/test-runtime';

const bench = benchForEachTest();

async function exec(container_id: string, ...cmd: string[]) {
  const { stdout, stderr, exit_code } = await bench.client.call('ExecSync', { container_id, cmd });
  return [stdout.toString(), stderr.toString(), exit_code];
}

describe('the user of a container', () => {
  const as = async (security_context: object, ...cmd: string[]) =>
    exec(await bench.client.container(await bench.client.pod(), { linux: { security_context } }), ...cmd);

  test.each([
    [{}, ['id'], 'uid=0(root) gid=0(root) groups=0(root)\n'],
    [{ run_as_user: { value: 1001 }, run_as_group: { value: 1002 } }, ['id', '-u'], '1001\n'],
    [{ run_as_user: { value: 1001 }, run_as_group: { value: 1002 } }, ['id', '-g'], '1002\n'],
    [{ run_as_user: { value: 1 }, supplemental_groups: [1234, 5678] }, ['id', '-G'], '0 1234 5678\n'],
    [{ run_as_username: 'nobody' }, ['id', '-nu'], 'nobody\n'],
    [{ run_as_username: 'nobody' }, ['whoami'], 'nobody\n'],
    [{ run_as_username: 'nobody' }, ['id', '-u'], '65534\n'],
    [{ run_as_username: 'nobody' }, ['id', '-g'], '65534\n'],
    [{ run_as_user: { value: 33 } }, ['id', '-G'], '33\n'],
    [{ run_as_user: { value: 33 }, run_as_group: { value: 7 } }, ['id', '-G'], '7\n'],
  ])('is shown by `id` and `whoami` for %j and %j', async (security, cmd, out) => {
    expect(await as(security, ...cmd)).toEqual([out, '', 0]);
  });

  test("is the image's user if the container sets none", async () => {
    const image = 'gcr.io/k8s-staging-cri-tools/test-image-user-username-group';
    await bench.client.call('PullImage', { image: { image } });
    const id = await bench.client.container(await bench.client.pod(), { image: { image } });
    expect(await exec(id, 'id', '-u')).toEqual(['33\n', '', 0]);
    const { status } = await bench.client.call('ContainerStatus', { container_id: id });
    expect(status?.user?.linux).toEqual({ uid: '33', gid: '33', supplemental_groups: ['33'] });
  });

  test.each([
    ['test-image-user-uid-group', {}, ['1003', '100', '100']],
    ['test-image-user-uid-group', { run_as_user: { value: 5 } }, ['5', '0', '0']],
    ['test-image-predefined-group', {}, ['1000', '1000', '1000', '50000']],
    ['test-image-predefined-group', { supplemental_groups: [7] }, ['1000', '1000', '1000', '7', '50000']],
    [
      'test-image-predefined-group',
      { run_as_user: { value: 1000 }, supplemental_groups: [7], supplemental_groups_policy: 'Strict' },
      ['1000', '1000', '1000', '7'],
    ],
    ['test-image-predefined-group', { run_as_user: { value: 1001 } }, ['1001', '0', '0']],
  ] as const)('of the image %s with %j', async (name, security_context, [uid, gid, ...supplemental_groups]) => {
    const image = `gcr.io/k8s-staging-cri-tools/${name}`;
    await bench.client.call('PullImage', { image: { image } });
    const linux = { security_context: { ...security_context } } as object;
    const container_id = await bench.client.created(await bench.client.pod(), { image: { image }, linux });
    const { status } = await bench.client.call('ContainerStatus', { container_id });
    expect(status?.user?.linux).toEqual({ uid, gid, supplemental_groups });
  });

  test('without an account has no name', async () => {
    expect(await as({ run_as_user: { value: 1001 } }, 'whoami')).toEqual(['', 'whoami: unknown uid 1001\n', 1]);
  });

  test('`id` refuses flags that it does not have', async () => {
    expect(await as({}, 'id', '-x')).toEqual(['', 'id: unrecognized option: x\n', 1]);
  });

  test('a group without a user is refused, for containers and for pods', async () => {
    const security_context = { run_as_group: { value: 1002 } };
    const config = {
      metadata: { name: 'main' },
      image: { image: 'docker.io/library/busybox:latest' },
      linux: { security_context },
    };
    const pod_sandbox_id = await bench.client.pod();
    expect(await bench.client.failure('CreateContainer', { pod_sandbox_id, config })).toBe(
      '3 INVALID_ARGUMENT: run_as_group 1002 is set without run_as_user',
    );
    const metadata = { name: 'other', namespace: 'default', uid: 'u' };
    expect(await bench.client.failure('RunPodSandbox', { config: { metadata, linux: { security_context } } })).toMatch(
      /^3 INVALID_ARGUMENT: run_as_group 1002/,
    );
  });
});

test('name servers and kernel settings are those of the pod', async () => {
  const pod = await bench.client.pod('pod', {
    hostname: 'web-0',
    dns_config: { servers: ['10.10.10.10'], searches: ['a.example', 'b.example'], options: ['ndots:8'] },
    linux: { sysctls: { 'kernel.shm_rmid_forced': '1', 'fs.mqueue.msg_max': '100' } },
  });
  const id = await bench.client.container(pod);
  const files = [
    '/etc/hostname',
    '/etc/resolv.conf',
    '/proc/sys/kernel/shm_rmid_forced',
    '/proc/sys/fs/mqueue/msg_max',
  ];
  expect(await exec(id, 'cat', ...files)).toEqual([
    'web-0\nsearch a.example b.example\nnameserver 10.10.10.10\noptions ndots:8\n1\n100\n',
    '',
    0,
  ]);
  expect(await exec(id, 'cat', '/proc/sys/kernel/other')).toEqual(['', expect.stringContaining("can't open"), 1]);
});

test('processes are found by their program name, and have their command lines in /proc', async () => {
  const id = await bench.client.container(await bench.client.pod(), { command: ['sh', '-c', 'sleep 7 & wait'] });
  bench.clock.advance(0);
  expect(await exec(id, 'pgrep', 'sleep')).toEqual(['2\n', '', 0]);
  expect(await exec(id, 'pgrep', '-f', 'sleep 7 & wait')).toEqual(['1\n', '', 0]);
  expect(await exec(id, 'sh', '-c', 'pgrep nginx || true')).toEqual(['', '', 0]);
  expect(await exec(id, 'pgrep')).toEqual(['', '', 2]);
  expect(await exec(id, 'cat', '/proc/2/cmdline')).toEqual(['sleep\x007\0', '', 0]);
});

test('ls lists written files and image files', async () => {
  const id = await bench.client.container(await bench.client.pod(), {
    command: ['sh', '-c', 'echo a > /srv/one; echo b > /srv/sub/two; echo c > /srv/.hidden; sleep infinity; true'],
  });
  bench.clock.advance(0);
  expect(await exec(id, 'ls', '/srv')).toEqual(['one\nsub\n', '', 0]);
  expect(await exec(id, 'ls', '-A', '/srv')).toEqual(['.hidden\none\nsub\n', '', 0]);
  expect(await exec(id, 'ls', '/etc', '/srv/one', '/nope')).toEqual([
    'group\npasswd\n/srv/one\n',
    'ls: /nope: No such file or directory\n',
    1,
  ]);
});

describe('a mount', () => {
  const mounted = async (mount: object = {}) => {
    fs.writeFileSync(path.join(bench.directory, 'flag'), 'seen\n');
    const host_path = bench.directory;
    const mounts = [{ host_path, container_path: '/data', ...mount }];
    return bench.client.container(await bench.client.pod(), { mounts });
  };

  test('contains the files of the host', async () => {
    const id = await mounted();
    expect(await exec(id, 'ls', '-A', '/data')).toEqual(['flag\n', '', 0]);
    expect(await exec(id, 'sh', '-c', '[ -d /data ] && cat /data/flag')).toEqual(['seen\n', '', 0]);
    expect(await exec(id, 'cat', '/data/nope')).toEqual(['', expect.stringContaining('No such file'), 1]);
  });

  test('hides the targets of symbolic links that lead out of the mount', async () => {
    fs.symlinkSync('/etc/passwd', path.join(bench.directory, 'out'));
    fs.symlinkSync('flag', path.join(bench.directory, 'within'));
    const id = await mounted();
    expect(await exec(id, 'cat', '/data/within')).toEqual(['seen\n', '', 0]);
    expect(await exec(id, 'cat', '/data/out')).toEqual(['', expect.stringContaining('No such file'), 1]);
    expect(await exec(id, 'cat', '/data/../../etc/shadow')).toEqual(['', expect.stringContaining('No such file'), 1]);
  });

  test('hides files larger than 1 MiB', async () => {
    fs.writeFileSync(path.join(bench.directory, 'fits'), 'x'.repeat(1024 * 1024));
    fs.writeFileSync(path.join(bench.directory, 'large'), 'x'.repeat(1024 * 1024 + 1));
    const id = await mounted();
    expect(await exec(id, 'sh', '-c', '[ -f /data/fits ]')).toEqual(['', '', 0]);
    expect(await exec(id, 'sh', '-c', '[ -f /data/large ]')).toEqual(['', '', 1]);
  });

  test('is never written to: the new text is visible only in the container', async () => {
    const id = await mounted();
    expect(await exec(id, 'sh', '-c', 'echo mine > /data/flag; cat /data/flag')).toEqual(['mine\n', '', 0]);
    expect(fs.readFileSync(path.join(bench.directory, 'flag'), 'utf8')).toBe('seen\n');
  });

  test('that is read-only refuses writes', async () => {
    const id = await mounted({ readonly: true });
    const refused = "sh: can't create /data/flag: Read-only file system\n";
    expect(await exec(id, 'sh', '-c', 'echo mine > /data/flag')).toEqual(['', refused, 1]);
    expect(await exec(id, 'rm', '/data/flag')).toEqual([
      '',
      "rm: can't remove '/data/flag': Read-only file system\n",
      1,
    ]);
  });
});

test('a read-only root and read-only paths refuse writes, except to mounts and devices', async () => {
  const security_context = { readonly_rootfs: true };
  const mounts = [{ host_path: bench.directory, container_path: '/data' }];
  const id = await bench.client.container(await bench.client.pod(), { linux: { security_context }, mounts });
  expect(await exec(id, 'touch', 'test.go')).toEqual(['', 'touch: test.go: Read-only file system\n', 1]);
  expect(await exec(id, 'touch', '/data/x', '/dev/x')).toEqual(['', '', 0]);
  const paths = { security_context: { readonly_paths: ['/tmp'] } };
  const other = await bench.client.container(await bench.client.pod('other'), { linux: paths });
  expect(await exec(other, 'touch', '/tmp/test')).toEqual(['', 'touch: /tmp/test: Read-only file system\n', 1]);
  expect(await exec(other, 'touch', '/tmpfile')).toEqual(['', '', 0]);
});

test('a privileged container may write to read-only paths', async () => {
  const security_context = { privileged: true, readonly_paths: ['/tmp'] };
  const id = await bench.client.container(await bench.client.pod(), { linux: { security_context } });
  expect(await exec(id, 'touch', '/tmp/test')).toEqual(['', '', 0]);
});
