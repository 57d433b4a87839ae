// Inspection of recorded archives, whole and with one thing wrong at a time.
import fs from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { tarHeader } from '../../fakes/archive/tar/tar-header';
import { UserError } from '../../fakes/base/user-error';
import { RULES } from './findings';
import { inspectArchive } from './inspect-archive';
import { file, inspectionBench } from './testing/bench';
import { type ArchiveChange, type ArchivePart, bytesOf, partsOf, RECORDED, withContent } from './testing/rebuild';
import { textLines } from './text';

const SECRET = 'hello-from-env';

const bench = inspectionBench();
const { inspectBytes, inspectParts, rulesOf } = bench;
/** Rules that something was found against. */
const seen = new Set<string>();

/** Empty files with names of almost a mebibyte, each by its header. */
function* longNames(count: number): Generator<Buffer> {
  const long = 'n'.repeat(900_000);
  for (let n = 0; n < count; n += 1)
    yield tarHeader({ name: `checkpoint/${n}${long}`, type: 'file', mode: 0o600, size: 0, mtime: 0 });
}

const link = (name: string, linkTarget: string) => file(name, { type: 'link', linkTarget, content: Buffer.alloc(0) });

describe.each(RECORDED)('a recorded archive of %s', (name) => {
  test('has no findings, and shows what is known of it', async () => {
    const inspection = await inspectBytes(bytesOf(await partsOf(name)));
    expect(inspection.findings).toEqual([]);
    expect(inspection.engine).toBe(name.slice(0, name.lastIndexOf('-')));
    expect(inspection.container).toMatchObject({
      name: 'counter',
      podName: 'counter-node1',
      podNamespace: 'default',
      image: 'docker.io/library/busybox:latest',
    });
    expect(inspection.processes).toMatchObject([
      { pid: 1, parentPid: 0, name: 'sh', environmentNames: expect.arrayContaining(['GREETING', 'HOME']) },
      { parentPid: 1, name: 'sleep', environmentNames: expect.arrayContaining(['GREETING', 'SHLVL']) },
    ]);
    expect(inspection.processes[0]?.openFiles[0]).toEqual({ fd: 0, type: 'REG', name: '/dev/null', position: '0' });
    expect(inspection.sizes.memory).toBe(inspection.sizes.pages * 4096);
    expect(inspection.mounts.map(({ destination }) => destination)).toContain('/dev/shm');
    expect(inspection.changes.changed).toContain('/tmp/state');
  });

  test('is shown without memory and without values', async () => {
    const inspection = await inspectBytes(bytesOf(await partsOf(name)));
    const text = [...textLines(inspection)].join('\n');
    expect(text).toContain('GREETING');
    expect(text).toContain('sleep');
    expect(text + JSON.stringify(inspection)).not.toContain(SECRET);
  });
});

describe('what is wrong is found, and nothing else', () => {
  const swap = (from: number, bytes: Buffer) => (content: Buffer) =>
    Buffer.concat([content.subarray(0, from), bytes, content.subarray(from + bytes.length)]);
  const without =
    (name: string): ArchiveChange =>
    (parts) =>
      parts.filter((part) => part.name !== name);
  const plus =
    (...more: ArchivePart[]): ArchiveChange =>
    (parts) => [...parts, ...more];
  const renamed =
    (from: string, to: string): ArchiveChange =>
    (parts) =>
      parts.map((part) => (part.name === from ? { ...part, name: to } : part));
  const mode =
    (name: string, bits: number): ArchiveChange =>
    (parts) =>
      parts.map((part) => (part.name === name ? { ...part, mode: bits } : part));

  test.each<[string, ArchiveChange, string[]]>([
    ['no inventory', without('checkpoint/inventory.img'), ['entry/missing']],
    ['no directory', without('checkpoint/'), ['entry/missing']],
    ['no status.dump', without('status.dump'), ['entry/missing']],
    ['no core', without('checkpoint/core-20.img'), ['entry/missing']],
    ['an inventory elsewhere', renamed('checkpoint/inventory.img', 'inventory.img'), ['entry/misplaced']],
    ['a config.dump elsewhere', renamed('config.dump', './config.dump'), ['entry/misplaced']],
    ['an image elsewhere', plus(file('pages-9.img')), ['entry/misplaced']],
    ['an absolute name', plus(file('/etc/cron.d/x')), ['name/absolute']],
    ['a name with ..', plus(file('checkpoint/../../x')), ['name/parent']],
    ['a link outside', plus(link('x', '../x')), ['link/outside']],
    ['an absolute link', plus(link('x', '/etc')), ['link/outside']],
    ['links that lead outside together', plus(link('a/x', '..'), link('a/y', 'x/..')), ['link/outside']],
    ['a link outside that is put where another points', plus(link('a/x', '..'), link('a/x/y', '..')), ['link/outside']],
    ['links in a circle', plus(link('x', 'y'), link('y', 'x')), []],
    ['a link inside', plus(link('a/x', '../y')), []],
    ['a device', plus(file('x', { type: 'device', content: Buffer.alloc(0) })), ['entry/type']],
    ['a name twice', plus(file('config.dump', { content: Buffer.from('{"id":"","name":""}') })), ['name/duplicate']],
    ['a note that others may read', mode('config.dump', 0o644), ['mode/entry']],
    ['a directory that others may enter', mode('checkpoint/', 0o755), ['mode/entry']],
    ['an image that all may write', mode('checkpoint/pstree.img', 0o666), ['mode/entry']],
    ['a set-id bit', mode('checkpoint/pstree.img', 0o4644), ['mode/entry']],
    ['metadata that is no JSON', withContent('config.dump', () => Buffer.from('{')), ['json/unreadable']],
    ['metadata that is no object', withContent('config.dump', () => Buffer.from('[]')), ['json/unreadable']],
    [
      'an id that is a number',
      withContent('config.dump', () => Buffer.from('{"id":1,"name":"","runtime":null}')),
      ['json/unreadable'],
    ],
    [
      'a process that is a list',
      withContent('spec.dump', () => Buffer.from('{"process":[],"root":{},"linux":{},"mounts":null}')),
      ['json/unreadable'],
    ],
    ['a status that is no JSON', withContent('status', () => Buffer.from('x')), ['json/unreadable']],
    ['a status.dump that is a list', withContent('status.dump', () => Buffer.from('[]')), ['json/unreadable']],
    ['deletions that are no list', plus(file('deleted.files', { content: Buffer.from('{}') })), ['json/unreadable']],
    ['a wrong magic', withContent('checkpoint/fs-1.img', swap(4, Buffer.from('abcd'))), ['image/magic']],
    ['a cut message', withContent('checkpoint/files.img', (content) => content.subarray(0, -1)), ['image/unreadable']],
    [
      'a message of a length that cannot be',
      withContent('checkpoint/files.img', swap(8, Buffer.from([255, 255, 255, 255]))),
      ['image/unreadable'],
    ],
    [
      'messages without anything in them',
      withContent('checkpoint/files.img', (content) => Buffer.concat([content, Buffer.alloc(1_000_000)])),
      ['image/unreadable'],
    ],
    ['no process', withContent('checkpoint/pstree.img', (content) => content.subarray(0, 8)), ['image/unreadable']],
    ['no message', withContent('checkpoint/core-1.img', (content) => content.subarray(0, 8)), ['image/unreadable']],
    [
      'too few pages',
      withContent('checkpoint/pages-1.img', (content) => content.subarray(4096)),
      ['pages/size', 'pages/statistics'],
    ],
    [
      'half a page',
      withContent('checkpoint/pages-2.img', (content) => content.subarray(2048)),
      ['pages/size', 'pages/size'],
    ],
    ['blank pages', withContent('checkpoint/pages-1.img', (content) => Buffer.alloc(content.length)), ['pages/blank']],
    [
      'a process listed twice',
      withContent('checkpoint/pstree.img', (content) => Buffer.concat([content, content.subarray(8)])),
      ['image/unreadable', 'image/unreadable'],
    ],
    ['no pages', without('checkpoint/pages-2.img'), ['entry/missing', 'pages/statistics']],
    [
      'a layer that grows beyond measure',
      withContent('rootfs-diff.tar', () => gzipSync(Buffer.alloc(300 * 1024 * 1024))),
      ['size/bomb'],
    ],
    [
      'files in memory that grow beyond measure together',
      (parts) => {
        const content = gzipSync(Buffer.alloc(150 * 1024 * 1024));
        return [...parts, ...[7, 8].map((n) => file(`checkpoint/tmpfs-dev-${n}.tar.gz.img`, { content }))];
      },
      ['size/bomb'],
    ],
    ['a layer compressed twice', withContent('rootfs-diff.tar', (content) => gzipSync(content)), ['image/unreadable']],
    [
      'an address that comes twice',
      withContent('checkpoint/pagemap-1.img', (content) => {
        const first = 8 + 4 + content.readUInt32LE(8);
        return Buffer.concat([content, content.subarray(first, first + 4 + content.readUInt32LE(first))]);
      }),
      ['pages/overlap', 'pages/size'],
    ],
    ['a broken layer', withContent('rootfs-diff.tar', (content) => content.subarray(0, 100)), ['image/unreadable']],
  ])('%s', async (_title, change, rules) => {
    const found = await rulesOf(change);
    for (const rule of found) seen.add(rule);
    expect(found).toEqual(rules);
  });

  test.each<[string, (bytes: Buffer) => Buffer, string[]]>([
    ['cut in the last entry', (bytes) => bytes.subarray(0, bytes.length - 1600), ['tar/truncated']],
    ['cut before the end mark', (bytes) => bytes.subarray(0, bytes.length - 1024), ['tar/end']],
    ['cut in the end mark', (bytes) => bytes.subarray(0, bytes.length - 512), ['tar/end']],
    ['followed by an old tail', (bytes) => Buffer.concat([bytes, Buffer.from('old')]), ['tar/behind-the-end']],
    [
      'whose second header is none',
      (bytes) => Buffer.concat([bytes.subarray(0, 512), Buffer.alloc(512, 'x'), bytes.subarray(1024)]),
      ['tar/header', 'entry/missing'],
    ],
    [
      'of more names than a checkpoint has',
      (bytes) => Buffer.concat([...longNames(20), bytes]),
      ['tar/too-many-entries', 'entry/missing'],
    ],
    ['followed by zeros', (bytes) => Buffer.concat([bytes, Buffer.alloc(10_000)]), []],
  ])('an archive %s', async (_title, change, rules) => {
    const inspection = await inspectBytes(change(bytesOf(await partsOf('containerd-2.1.9'))));
    for (const { rule } of inspection.findings) seen.add(rule);
    expect([...new Set(inspection.findings.map(({ rule }) => rule))]).toEqual(rules);
  });

  test('content in the place of a header is not told', async () => {
    const memory = Buffer.alloc(512, SECRET);
    const inspection = await inspectBytes(Buffer.concat([bytesOf([file('a')]).subarray(0, 1024), memory]));
    const told = JSON.stringify(inspection);
    expect(told).toContain('tar/header');
    for (let at = 0; at < SECRET.length; at++) expect(told).not.toContain((SECRET + SECRET).slice(at, at + 5));
  });

  test('an archive that others may read', async () => {
    const archive = await bench.write(bytesOf(await partsOf('cri-o-1.37')));
    await fs.chmod(archive, 0o644);
    const { findings } = await inspectArchive(archive);
    await fs.chmod(archive, 0o600);
    for (const { rule } of findings) seen.add(rule);
    expect(findings.map(({ rule }) => rule)).toEqual(['mode/archive']);
  });

  test('every rule was broken by one of these', () => {
    expect([...seen].sort()).toEqual(Object.keys(RULES).sort());
  });
});

test('an archive as Podman names its entries is read as one', async () => {
  const podman: ArchiveChange = (parts) =>
    parts
      .filter(({ name }) => name !== 'status' && name !== 'status.dump')
      .map((part) => {
        if (part.name !== 'spec.dump') return part;
        const spec: Record<string, unknown> = JSON.parse(part.content.toString());
        const annotations = { 'io.container.manager': 'libpod' };
        return { ...part, content: Buffer.from(JSON.stringify({ ...spec, annotations })) };
      })
      .concat(
        file('network.status', { content: Buffer.from('{}') }),
        file('devshm-checkpoint.tar', { content: Buffer.alloc(1024) }),
        file('pod.options', { content: Buffer.from('{}') }),
        file('deleted.files', { content: Buffer.from('["/etc/motd"]') }),
      );
  const inspection = await inspectParts(podman);
  expect(inspection.findings).toEqual([]);
  expect(inspection.engine).toBe('podman');
  expect(inspection.container.podName).toBeUndefined();
  expect(inspection.changes.deleted).toEqual(['/etc/motd']);
});

test('a name cannot reach a terminal as anything but text', async () => {
  const inspection = await inspectParts((parts) => [...parts, file('/\u001b[2J\n\u200f')]);
  const lines = [...textLines({ ...inspection, file: '\u001b[2J.tar' })];
  expect(lines.join('')).toContain('/\\x1b[2J\\x0a\\u200f');
  expect(lines[0]).toBe('\\x1b[2J.tar');
});

test('an inspection ends when it is told to', async () => {
  const archive = await bench.write(bytesOf(await partsOf('cri-o-1.37')));
  const asked = new AbortController();
  const inspection = inspectArchive(archive, asked.signal);
  asked.abort();
  await expect(inspection).rejects.toThrow(/interrupted before all of it was read$/);
});

describe('what cannot be read is refused in one sentence', () => {
  test.each([
    ['nothing', Buffer.alloc(0), /it is empty/],
    ['a text', Buffer.alloc(4096, 'text '), /it is not a tar archive$/],
    ['a few bytes', Buffer.from('abc'), /it is not a tar archive$/],
    ['a compressed archive', gzipSync(Buffer.alloc(4096)), /compressed \(gzip\).*gunzip$/],
    ['an archive that Podman compressed', Buffer.from('28b52ffd00', 'hex'), /compressed \(zstd\)/],
  ])('%s', async (_title, bytes, sentence) => {
    await expect(inspectBytes(bytes)).rejects.toThrow(sentence);
    await expect(inspectBytes(bytes)).rejects.toThrow(UserError);
  });

  test.each([
    [() => bench.at(''), /it is a directory/],
    [() => bench.at('absent'), /there is no such file$/],
    [() => '/dev/null', /not a regular file/],
    [() => `${bench.at('')}\0`, /NUL/],
    [() => bench.at('x'.repeat(5000)), /too long/],
  ])('case %#', async (where, sentence) => {
    await expect(inspectArchive(where())).rejects.toThrow(sentence);
  });
});
