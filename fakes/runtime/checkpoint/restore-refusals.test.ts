// Tests restores that are refused: the error states the reason, and nothing is left behind.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { containerdEntries } from '../../archive/containerd/containerd-layout';
import { until } from '../testing/test-client';
import { COUNT, lines, RestoreBench } from '../testing/test-restore';

const bench = new RestoreBench();

describe('a restore is refused with nothing left behind:', () => {
  const refusal = async (from: string, extra: object = {}) => {
    const pod = await bench.there.client.pod('there', { log_directory: bench.at('there') });
    const image = { image: from };
    const config = { metadata: { name: 'x' }, image, log_path: 'c.log', ...extra };
    const message = await bench.there.client.failure('CreateContainer', { pod_sandbox_id: pod, config });
    expect(bench.there.runtime.control.state().containers).toEqual([]);
    expect(existsSync(bench.at('there/c.log'))).toBe(false);
    return message.replaceAll(bench.source.directory, '{DIR}');
  };
  /** Writes an archive with one member changed or, if `content` is undefined, removed. */
  const damaged = (name: string, content: string | undefined) => {
    bench.entries = (snapshot) =>
      containerdEntries(snapshot).flatMap((entry) => {
        if (entry.name !== name) return [entry];
        return content === undefined ? [] : [{ ...entry, size: content.length, content: Buffer.from(content) }];
      });
    return bench.archiveOf(COUNT, 1000);
  };

  test('from a file that is not an archive', async () => {
    writeFileSync(bench.at('empty.tar'), '');
    writeFileSync(bench.at('garbage.tar'), 'no tar '.repeat(200));
    writeFileSync(bench.at('short.tar'), 'short');
    expect(await refusal(bench.at('none.tar'))).toBe(
      '5 NOT_FOUND: failed to resolve image "{DIR}/none.tar": not found',
    );
    await bench.there.client.call('RemovePodSandbox', {
      pod_sandbox_id: bench.there.runtime.control.state().sandboxes[0]?.id ?? '',
    });
    const start = '3 INVALID_ARGUMENT: failed to restore from "{DIR}';
    for (const [from, why] of [
      [bench.at('empty.tar'), '/empty.tar": spec.dump: no such file or directory'],
      [bench.at('garbage.tar'), '/garbage.tar": archive/tar: invalid tar header'],
      [bench.at('short.tar'), '/short.tar": unexpected EOF'],
      [bench.source.directory, '": read {DIR}: is a directory'],
    ] as const) {
      expect(await refusal(from)).toBe(start + why);
      const [sandbox] = bench.there.runtime.control.state().sandboxes;
      await bench.there.client.call('StopPodSandbox', { pod_sandbox_id: sandbox?.id ?? '' });
      await bench.there.client.call('RemovePodSandbox', { pod_sandbox_id: sandbox?.id ?? '' });
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
    ['checkpoint/pstree.img', 'nonsense', 'checkpoint/pstree.img: it is not a complete CRIU image'],
    ['checkpoint/pages-1.img', undefined, 'checkpoint/pages-1.img: no such file or directory'],
    ['checkpoint/pages-1.img', 'short', 'checkpoint/pages-1.img: it ends before its last page'],
    ['rootfs-diff.tar', 'no tar at all', 'rootfs-diff.tar: unexpected EOF'],
  ])('from an archive in which %s is %j', async (name, content, why) => {
    const archive = await damaged(name, content);
    expect(await refusal(archive)).toBe(`3 INVALID_ARGUMENT: failed to restore from "{DIR}/a.tar": ${why}`);
  });

  test.each(['/etc/evil', '../evil', 'a/../../evil'])('from an archive with a member named %s', async (name) => {
    bench.entries = (snapshot) => [
      ...containerdEntries(snapshot),
      { name, mode: 0o644, size: 1, content: Buffer.from('x') },
    ];
    expect(await refusal(await bench.archiveOf(COUNT, 100))).toBe(
      `3 INVALID_ARGUMENT: failed to restore from "{DIR}/a.tar": it has a member whose path leads out of it: "${name}"`,
    );
  });

  test('if the archive has mounts that the request does not have', async () => {
    const mounts = ['/data', '/cache'].map((container_path) => ({ container_path, host_path: '/srv' }));
    const archive = await bench.archiveOf(COUNT, 100, { mounts });
    expect(await refusal(archive, { mounts: mounts.slice(1) })).toBe(
      '3 INVALID_ARGUMENT: failed to restore from "{DIR}/a.tar": the checkpointed container has mounts that the request has not: /data',
    );
  });

  test('if the name is reserved, or the sandbox has been stopped', async () => {
    const archive = await bench.archiveOf(COUNT, 100);
    const pod = await bench.there.client.pod('there', { log_directory: bench.at('there') });
    const config = { metadata: { name: 'x' }, image: { image: archive } };
    await bench.there.client.call('CreateContainer', { pod_sandbox_id: pod, config });
    expect(await bench.there.client.failure('CreateContainer', { pod_sandbox_id: pod, config })).toMatch(
      /^6 ALREADY_EXISTS/,
    );
    await bench.there.client.call('StopPodSandbox', { pod_sandbox_id: pod });
    expect(await bench.there.client.failure('CreateContainer', { pod_sandbox_id: pod, config })).toMatch(
      /^9 FAILED_PRECONDITION/,
    );
    expect(bench.there.runtime.control.state().containers).toHaveLength(1);
  });
});

test('if the client disconnects while the log is copied', async () => {
  const size = 64 * 1024 * 1024;
  const log = { name: 'container.log', mode: 0o600, size, content: Buffer.alloc(size, 'line\n') };
  bench.entries = (snapshot) => [...containerdEntries(snapshot).filter(({ name }) => name !== log.name), log];
  const from = await bench.archiveOf(COUNT, 100);
  const { client, runtime } = bench.there;
  const config = { metadata: { name: 'x' }, image: { image: from }, log_path: 'c.log' };
  const pod_sandbox_id = await client.pod('there', { log_directory: bench.at('there') });
  const { failure, cancel } = client.startCall('CreateContainer', { pod_sandbox_id, config });
  await until(() => existsSync(bench.at('there/c.log')));
  cancel();
  expect(await failure).toMatch(/^1 CANCELLED/);
  await until(() => runtime.control.state().containers.length === 0);
  expect(existsSync(bench.at('there/c.log'))).toBe(false);
});

test('if the log cannot be copied; the error says so and the container does not exist', async () => {
  const from = await bench.archiveOf(COUNT, 100);
  mkdirSync(bench.at('there/c.log'), { recursive: true });
  await expect(bench.created(from)).rejects.toThrow(
    /^13 INTERNAL: failed to restore the log file of container "[0-9a-f]{64}": EISDIR/,
  );
  expect(bench.there.runtime.control.state().containers).toEqual([]);
});

test('if the saved process state was modified', async () => {
  const archive = await bench.archiveOf(COUNT, 1500);
  const bytes = readFileSync(archive);
  const found = bytes.indexOf('"variables":[["i","');
  expect(found).toBeGreaterThan(0);
  bytes.write('9', found + '"variables":[["i","'.length);
  writeFileSync(archive, bytes);
  appendFileSync(archive, '');
  const { log } = await bench.restored(archive);
  bench.there.clock.advance(0);
  expect(lines(log)).toEqual(['0', '1', '0']);
});
