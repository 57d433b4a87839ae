// Tests that CreateContainer always responds, whatever the archive contains, and leaves nothing behind when it refuses.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from '@jest/globals';
import { CheckpointArchive } from '../../archive/reading/checkpoint-archive';
import { fileChanges } from '../../archive/reading/file-changes';
import { gzipped, tarPieces } from '../../archive/tar/small-tar';
import { Random } from '../../base/random';
import { benchForEachTest } from '../testing/test-runtime';

const ARCHIVES = 300;
const SEED = 20261123;

const bench = benchForEachTest(() => ({}));
const at = (name: string) => path.join(bench.directory, name);

let whole: Buffer;
beforeEach(async () => {
  const pod = await bench.client.pod('old', { log_directory: at('old') });
  const script =
    'exec 9>/tmp/f; rm /etc/group; sh -c "sleep infinity" & while true; do echo x >&9; echo x; sleep 1; done';
  const id = await bench.client.container(pod, { log_path: 'c.log', command: ['/bin/sh', '-c', script] });
  bench.clock.advance(2000);
  await bench.client.call('CheckpointContainer', { container_id: id, location: at('whole.tar') });
  whole = readFileSync(at('whole.tar'));
});

/**
 * Functions that damage a file: they change bytes, truncate it, repeat a piece, insert zeros, or change a length in a
 * header.
 */
const SPOILERS: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    for (let n = 1 + random.below(8); n > 0; n--) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const from = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from - random.below(from + 1))]);
  },
  (bytes, random) => bytes.fill(0, random.below(bytes.length), random.below(bytes.length)),
  (bytes, random) => {
    const header = 512 * random.below(Math.floor(bytes.length / 512));
    bytes.write(random.below(0o77777777).toString(8).padStart(11, '0'), header + 124);
    return bytes;
  },
];

async function create(file: string): Promise<string> {
  const pod = await bench.client.pod('new', { log_directory: at('new') });
  const config = { metadata: { name: 'x' }, image: { image: file }, log_path: 'c.log' };
  const failure = await bench.client.failure('CreateContainer', { pod_sandbox_id: pod, config });
  const created = bench.runtime.control.state().containers.filter(({ sandboxId }) => sandboxId === pod);
  expect(created).toHaveLength(failure === 'OK' ? 1 : 0);
  if (failure !== 'OK') expect(existsSync(at('new/c.log'))).toBe(false);
  if (created[0]) {
    await bench.client.failure('StartContainer', { container_id: created[0].id });
    bench.clock.advance(3000);
  }
  await bench.client.call('StopPodSandbox', { pod_sandbox_id: pod });
  await bench.client.call('RemovePodSandbox', { pod_sandbox_id: pod });
  rmSync(at('new'), { recursive: true, force: true });
  return failure;
}

test(`CreateContainer responds for each of ${ARCHIVES} damaged archives`, async () => {
  const random = new Random(SEED);
  const answers = new Map<string, number>();
  for (let n = 0; n < ARCHIVES; n++) {
    const spoil = SPOILERS[random.below(SPOILERS.length)];
    writeFileSync(at('spoilt.tar'), spoil?.(Buffer.from(whole), random) ?? whole);
    const code = (await create(at('spoilt.tar'))).split(':')[0] ?? '';
    answers.set(code, (answers.get(code) ?? 0) + 1);
  }
  expect([...answers.keys()].filter((code) => !['OK', '3 INVALID_ARGUMENT', '5 NOT_FOUND'].includes(code))).toEqual([]);
  expect(answers.get('3 INVALID_ARGUMENT')).toBeGreaterThan(ARCHIVES / 4);
  expect(readdirSync(bench.directory).sort()).toEqual(expect.arrayContaining(['old', 'spoilt.tar', 'whole.tar']));
}, 60_000);

test('a layer that decompresses to an excessive size is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
  const member = (name: string, content: Buffer) => ({ name, type: 'file' as const, mode: 0o600, mtime: 0, content });
  writeFileSync(at('bomb.tar'), Buffer.concat(tarPieces([member('rootfs-diff.tar', bomb)])));
  await using archive = await CheckpointArchive.open(at('bomb.tar'));
  await expect(fileChanges(archive, new Set())).rejects.toThrow(
    'rootfs-diff.tar: it contains more than 67108864 bytes',
  );
  const small = gzipped(Buffer.concat(tarPieces([member('../../../etc/shadow', Buffer.from('x'))])));
  writeFileSync(at('up.tar'), Buffer.concat(tarPieces([member('rootfs-diff.tar', small)])));
  await using up = await CheckpointArchive.open(at('up.tar'));
  expect([...(await fileChanges(up, new Set())).files]).toEqual([['/etc/shadow', 'x']]);
});
