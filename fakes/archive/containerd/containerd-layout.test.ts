// Tests that an archive contains the state of the snapshot: arguments, environment, strings in memory, pages and files.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { criu } from '../../../proto/load';
import type { ContainerSnapshot, SnapshotProcess } from '../snapshot';
import { contentOf, counterSnapshot, entryBytes, SHELL, SLEEP } from '../testing/counter-snapshot';
import { messages, ReadMemory, strings } from '../testing/read-images';
import { readTar } from '../testing/read-tar';
import { containerdEntries } from './containerd-layout';

function memoryOf(snapshot: ContainerSnapshot, pid: number): ReadMemory {
  const entries = containerdEntries(snapshot);
  return new ReadMemory((name) => contentOf(entries, `checkpoint/${name}`), pid);
}

const one = (process: Partial<SnapshotProcess>) => counterSnapshot({ processes: [{ ...SHELL, ...process }] });

describe('arguments and environment of a process', () => {
  it.each([SHELL, SLEEP])('$name are at the addresses in mm', ({ pid, arguments: args, environment }) => {
    const memory = memoryOf(counterSnapshot(), pid);
    expect(strings(memory.between(memory.mm.mm_arg_start, memory.mm.mm_arg_end))).toEqual(args);
    expect(strings(memory.between(memory.mm.mm_env_start, memory.mm.mm_env_end))).toEqual(environment);
  });

  it('are found through the pointers on the initial stack', () => {
    const memory = memoryOf(counterSnapshot(), 1);
    const start = BigInt(memory.mm.mm_start_stack ?? 0);
    const word = (index: number) => memory.between(`${start + BigInt(8 * index)}`, `${start + BigInt(8 * index + 8)}`);
    expect(word(0).readBigUInt64LE()).toBe(3n);
    expect(word(1).readBigUInt64LE()).toBe(BigInt(memory.mm.mm_arg_start ?? 0));
    expect(word(4).readBigUInt64LE()).toBe(0n);
    expect(word(5).readBigUInt64LE()).toBe(BigInt(memory.mm.mm_env_start ?? 0));
  });

  it('can have any text and length', () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));
    const value = fc.oneof(
      text,
      fc.nat(20_000).map((length) => 'x'.repeat(length)),
    );
    const list = fc.array(value, { maxLength: 6 });
    fc.assert(
      fc.property(list, list, (args, environment) => {
        const memory = memoryOf(one({ arguments: args, environment }), 1);
        const { mm } = memory;
        expect(strings(memory.between(mm.mm_arg_start, mm.mm_arg_end))).toEqual(args);
        expect(strings(memory.between(mm.mm_env_start, mm.mm_env_end))).toEqual(environment);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the memory of a process', () => {
  it('contains the planted strings in the heap, also long ones', () => {
    const planted = ['token=tr0ub4dor', 'y'.repeat(10_000), 'last'];
    const memory = memoryOf(one({ plantedStrings: planted }), 1);
    for (const text of planted) {
      const at = memory.find(text) ?? 0n;
      expect(at).toBeGreaterThanOrEqual(BigInt(memory.mm.mm_start_brk ?? 0));
      expect(at + BigInt(text.length)).toBeLessThan(BigInt(memory.mm.mm_brk ?? 0));
    }
  });

  it("has the snapshot's size in addition to what every process has, and no two pages are equal", () => {
    const size = (memoryBytes: number) => contentOf(containerdEntries(one({ memoryBytes })), 'checkpoint/pages-1.img');
    const pages = size(3 * 2 ** 20);
    expect(pages.length - size(0).length).toBe(3 * 2 ** 20);
    expect(size(1).length - size(0).length).toBe(4096);
    const different = new Set(
      Array.from({ length: pages.length / 4096 }, (_, i) => pages.toString('latin1', i * 4096, i * 4096 + 4096)),
    );
    // Unused pages of the stack are all zeros.
    expect(different.size).toBeGreaterThanOrEqual(pages.length / 4096 - 1);
  });

  it('is generated only when it is read, whatever its size', () => {
    const entries = containerdEntries(one({ memoryBytes: 2 ** 40 }));
    const pages = entries.find((entry) => entry.name === 'checkpoint/pages-1.img');
    expect(pages?.size).toBeGreaterThan(2 ** 40);
    const written = messages('stats_entry', contentOf(entries, 'stats-dump'))[0]?.dump?.pages_written;
    expect(Number(written) * 4096).toBe(pages?.size);
  });

  it('is in mappings that are sorted and do not overlap', () => {
    const process = {
      memoryBytes: 2 ** 38,
      plantedStrings: ['z'.repeat(300_000)],
      environment: ['A='.padEnd(200_000)],
    };
    const [mm] = messages('mm_entry', contentOf(containerdEntries(one(process)), 'checkpoint/mm-1.img'));
    const bounds = (mm?.vmas ?? []).flatMap(({ start, end }) => [BigInt(start ?? 0), BigInt(end ?? 0)]);
    expect(bounds).toEqual([...bounds].sort((a, b) => (a < b ? -1 : 1)));
  });
});

it('has the same bytes for the same seed, and other bytes for another seed', () => {
  const bytes = (seed?: number) => containerdEntries(counterSnapshot(), { seed }).map(entryBytes);
  expect(Buffer.concat(bytes(7)).equals(Buffer.concat(bytes(7)))).toBe(true);
  expect(Buffer.concat(bytes(7)).equals(Buffer.concat(bytes(8)))).toBe(false);
});

it('is different for different containers', () => {
  const pages = (containerId: string) =>
    contentOf(containerdEntries(counterSnapshot({ containerId })), 'checkpoint/pages-1.img');
  expect(pages('a'.repeat(64)).equals(pages('b'.repeat(64)))).toBe(false);
});

it('has the same bytes if its message is encoded in parts or at once', () => {
  const entries = containerdEntries(counterSnapshot());
  const body = (name: string) => contentOf(entries, `checkpoint/${name}.img`).subarray(12);
  expect(criu('core_entry').encode(criu('core_entry').decode(body('core-1')))).toEqual(body('core-1'));
  expect(criu('cgroup_entry').encode(criu('cgroup_entry').decode(body('cgroup')))).toEqual(body('cgroup'));
});

it('all entries have the announced size', () => {
  for (const entry of containerdEntries(one({ memoryBytes: 5_000_000 })))
    expect(entryBytes(entry)).toHaveLength(entry.size);
});

describe('open and changed files', () => {
  const data = { fd: 5, path: '/data/journal', position: 42 };

  it('an open file has its offset, and a parent and its child share an inherited file', () => {
    const entries = containerdEntries(
      counterSnapshot({
        mounts: [{ containerPath: '/data', hostPath: '/host/data', readonly: true }],
        changedFiles: [],
        processes: [
          { ...SHELL, openFiles: [data] },
          { ...SLEEP, openFiles: [data, { fd: 0, path: '/etc/passwd', position: 7 }] },
        ],
      }),
    );
    const image = (name: string) => contentOf(entries, `checkpoint/${name}.img`);
    const files = new Map(messages('file_entry', image('files')).map((file) => [file.id, file.reg]));
    const open = (n: number) =>
      messages('fdinfo_entry', image(`fdinfo-${n}`)).map(({ fd, id }) => [
        fd,
        files.get(id)?.name,
        files.get(id)?.pos,
        id,
      ]);
    expect(open(2)).toContainEqual([5, data.path, '42', expect.any(Number)]);
    expect(open(3)[0]?.slice(0, 3)).toEqual([0, '/etc/passwd', '7']);
    expect(open(3).at(-1)).toEqual(open(2).at(-1));
    const mount = messages('mnt_entry', image('mountpoints-11')).find((one) => one.mountpoint === '/data');
    expect([...files.values()].find((file) => file?.name === data.path)?.mnt_id).toBe(mount?.mnt_id);
    expect((mount?.flags ?? 0) & 1).toBe(1);
    const spec: unknown = JSON.parse(contentOf(entries, 'spec.dump').toString());
    expect(spec).toHaveProperty('mounts.6', {
      destination: '/data',
      type: 'bind',
      source: '/host/data',
      options: ['rbind', 'rprivate', 'ro'],
    });
  });

  it('host files belong to the right container, even if two containers have the same mount points', () => {
    const mounted = (hostPath: string, readonly: boolean) => {
      const snapshot = counterSnapshot({
        mounts: [{ containerPath: '/data', hostPath, readonly }],
        cgroupPath: hostPath,
      });
      const mounts = messages('mnt_entry', contentOf(containerdEntries(snapshot), 'checkpoint/mountpoints-11.img'));
      const at = (point: string) => mounts.find(({ mountpoint }) => mountpoint === point);
      return [at('/data')?.root, (at('/data')?.flags ?? 0) & 1, at('/sys/fs/cgroup/memory')?.root];
    };
    expect([mounted('/host/one', true), mounted('/host/two', false)]).toEqual([
      ['/host/one', 1, '/host/one'],
      ['/host/two', 0, '/host/two'],
    ]);
  });

  it('changed files are in a layer, with whiteouts for deleted files', async () => {
    const large = Buffer.alloc(1_000_000, 'large ');
    const layer = async (changedFiles: ContainerSnapshot['changedFiles']) => {
      const content = contentOf(containerdEntries(counterSnapshot({ changedFiles })), 'rootfs-diff.tar');
      return (await readTar(gunzipSync(content))).map((member) => [member.name, member.content.length]);
    };
    const targets = ['etc/hostname', 'etc/hosts', 'etc/resolv.conf'].map((name) => [name, 0]);
    expect(await layer([])).toEqual([['etc/', 0], ...targets]);
    expect(
      await layer([
        { path: '/bin/vi' },
        { path: '/etc/hosts', content: Buffer.from('x') },
        { path: '/a/b', content: large },
      ]),
    ).toEqual([
      ['a/', 0],
      ['a/b', large.length],
      ['bin/', 0],
      ['bin/.wh.vi', 0],
      ['etc/', 0],
      ...targets.map(([name]) => [name, name === 'etc/hosts' ? 1 : 0]),
    ]);
  });
});

describe('the threads of a process', () => {
  it('are in the process tree, each with its own registers and without shared state', () => {
    const entries = containerdEntries(one({ threads: [5, 6] }));
    const image = (name: string) => contentOf(entries, `checkpoint/${name}.img`);
    expect(messages('pstree_entry', image('pstree')).map(({ threads }) => threads)).toEqual([[1, 5, 6]]);
    const cores = [1, 5, 6].map((id) => messages('core_entry', image(`core-${id}`))[0]);
    expect(cores.map((core) => core?.tc?.comm)).toEqual(['sh', undefined, undefined]);
    expect(cores.map((core) => core?.thread_core?.comm)).toEqual(['sh', 'sh', 'sh']);
    expect(new Set(cores.map((core) => core?.thread_info?.gpregs?.sp)).size).toBe(3);
  });
});

describe('sockets and devices', () => {
  it('a listening socket is an open file with an address and a port', () => {
    const entries = containerdEntries(one({ listening: [{ fd: 4, address: '127.0.0.1', port: 8080 }] }));
    const image = (name: string) => contentOf(entries, `checkpoint/${name}.img`);
    const file = messages('file_entry', image('files')).find(({ type }) => type === 'INETSK');
    expect(file?.isk).toMatchObject({ src_port: 8080, src_addr: [0x0100007f], state: 10 });
    const open = messages('fdinfo_entry', image('fdinfo-2'));
    expect(open.find(({ fd }) => fd === 4)).toMatchObject({ id: file?.id, type: 'INETSK' });
  });
});

it('a file in /dev is in the content of that tmpfs, and not in the layer', async () => {
  const changedFiles = [{ path: '/dev/note', content: Buffer.from('noted') }];
  const entries = containerdEntries(counterSnapshot({ changedFiles }));
  const members = async (name: string) => readTar(gunzipSync(contentOf(entries, name)));
  const note = (await members('checkpoint/tmpfs-dev-146.tar.gz.img')).find(({ name }) => name.endsWith('note'));
  expect(note?.content.toString()).toBe('noted');
  expect((await members('rootfs-diff.tar')).map(({ name }) => name)).not.toContain('dev/note');
});

describe('container.log', () => {
  it('is the log at the moment of the checkpoint, even if the log is rotated later', () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-log-'));
    try {
      const logPath = path.join(directory, '0.log');
      for (const length of [0, 10, 3_000_000]) {
        const log = Buffer.alloc(length, 'line\n');
        fs.writeFileSync(logPath, log);
        const entries = containerdEntries(counterSnapshot({ logPath }));
        fs.appendFileSync(logPath, 'later');
        expect(contentOf(entries, 'container.log').equals(log)).toBe(true);
        // Kubelets rotate a log by renaming it.
        fs.renameSync(logPath, `${logPath}.20261123-120000`);
        fs.writeFileSync(logPath, 'new');
        expect(contentOf(entries, 'container.log').equals(log)).toBe(true);
      }
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });

  it.each(['', '/nowhere/0.log', '/'])('is missing if the log path is %j', (logPath) => {
    expect(containerdEntries(counterSnapshot({ logPath })).map((entry) => entry.name)).not.toContain('container.log');
  });
});
