// Adds one defect to a recorded archive in each test, and tests that `inspect` finds this defect.
import fs from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { tarHeader } from '../../fakes/archive/tar/tar-header';
import { ARCHIVE_RULES } from '../../specs/archive/check-archive';
import { INSPECT_RULES } from './findings';
import { inspectArchive } from './inspect-archive';
import { file, inspectionBench } from './testing/bench';
import { pagemapWith } from './testing/images';
import { type ArchiveChange, type ArchivePart, bytesOf, partsOf, withContent } from './testing/rebuild';

const SECRET = 'hello-from-env';

const bench = inspectionBench();
const { inspectBytes, idsOf } = bench;
/** Rules that are tested in the tests of compressed archives and of collections. */
const ELSEWHERE = ['inspect/compressed', 'inspect/image', 'inspect/gvisor', 'inspect/unreadable-member'];
/** The rules that at least one test broke. */
const seen = new Set<string>();

/** Yields headers of empty files with names of almost one mebibyte. */
function* longNames(count: number): Generator<Buffer> {
  const long = 'n'.repeat(900_000);
  for (let n = 0; n < count; n += 1)
    yield tarHeader({ name: `checkpoint/${n}${long}`, type: 'file', mode: 0o600, size: 0, mtime: 0 });
}

const link = (name: string, linkTarget: string) => file(name, { type: 'link', linkTarget, content: Buffer.alloc(0) });

describe('each defect is found, and nothing else', () => {
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
    ['no inventory', without('checkpoint/inventory.img'), ['archive/images/inventory-is-there']],
    ['no folder', without('checkpoint/'), ['inspect/missing-member']],
    ['no status.dump', without('status.dump'), ['inspect/missing-member']],
    ['no core', without('checkpoint/core-20.img'), ['archive/images/every-process-has-its-own']],
    [
      'an inventory elsewhere',
      renamed('checkpoint/inventory.img', 'inventory.img'),
      ['archive/images/inventory-is-there', 'inspect/misplaced-member'],
    ],
    [
      'a config.dump elsewhere',
      renamed('config.dump', 'x/config.dump'),
      [
        'archive/metadata/names-the-container',
        'archive/metadata/is-made-after-the-container',
        'inspect/misplaced-member',
      ],
    ],
    ['a time to come', (parts) => parts.map((part) => ({ ...part, mtime: 4e9 })), ['archive/members/times-are-past']],
    ['a file without a name', plus(file('')), ['inspect/member-name']],
    [
      'a descriptor of no file',
      withContent('checkpoint/files.img', (content) => content.subarray(0, 8)),
      ['archive/images/descriptors-are-in-the-table'],
    ],
    ['a directory that nobody may enter', mode('checkpoint/', 0o600), ['archive/members/directories-can-be-entered']],
    [
      'a pre-checkpoint only',
      (parts) => parts.map((part) => ({ ...part, name: part.name.replace(/^checkpoint/, 'pre-checkpoint') })),
      ['inspect/pre-checkpoint'],
    ],
    [
      'pages in a parent',
      withContent('checkpoint/pagemap-1.img', () => pagemapWith(1, { vaddr: 4096, nr_pages: 1, in_parent: true })),
      ['archive/images/pages-are-as-listed', 'inspect/incomplete-memory'],
    ],
    ['nothing of a checkpoint', () => [file('x')], ['inspect/no-criu-images']],
    ['an image elsewhere', plus(file('pages-9.img')), ['inspect/misplaced-member']],
    ['an absolute name', plus(file('/etc/cron.d/x')), ['archive/format/names-stay-inside']],
    ['a name with ..', plus(file('checkpoint/../../x')), ['archive/format/names-stay-inside']],
    ['a link outside', plus(link('x', '../x')), ['archive/members/links-stay-inside']],
    ['an absolute link', plus(link('x', '/etc')), ['archive/members/links-stay-inside']],
    [
      'links that lead outside together',
      plus(link('a/x', '..'), link('a/y', 'x/..')),
      ['archive/members/links-stay-inside'],
    ],
    [
      'a link outside that is put where another points',
      plus(link('a/x', '..'), link('a/x/y', '..')),
      ['archive/members/links-stay-inside'],
    ],
    ['links in a circle', plus(link('x', 'y'), link('y', 'x')), []],
    ['a link inside', plus(link('a/x', '../y')), []],
    ['a device', plus(file('x', { type: 'device', content: Buffer.alloc(0) })), ['inspect/member-type']],
    [
      'a name twice',
      plus(file('config.dump', { content: Buffer.from('{"id":"","name":""}') })),
      [
        'archive/members/names-are-unique',
        'archive/metadata/names-the-container',
        'archive/metadata/is-made-after-the-container',
      ],
    ],
    ['a note that others may read', mode('config.dump', 0o644), ['inspect/member-mode']],
    ['a folder that others may enter', mode('checkpoint/', 0o755), ['inspect/member-mode']],
    ['an image that all may write', mode('checkpoint/pstree.img', 0o666), ['inspect/member-mode']],
    ['a set-id bit', mode('checkpoint/pstree.img', 0o4644), ['inspect/member-mode']],
    [
      'metadata that is no JSON',
      withContent('config.dump', () => Buffer.from('{')),
      ['archive/metadata/names-the-container', 'archive/metadata/is-made-after-the-container'],
    ],
    [
      'metadata that is no object',
      withContent('config.dump', () => Buffer.from('[]')),
      ['archive/metadata/names-the-container', 'archive/metadata/is-made-after-the-container'],
    ],
    [
      'an id that is a number',
      withContent('config.dump', () => Buffer.from('{"id":1,"name":"","runtime":null}')),
      [
        'archive/metadata/names-the-container',
        'archive/metadata/is-made-after-the-container',
        'inspect/unreadable-metadata',
      ],
    ],
    [
      'a process that is a list',
      withContent('spec.dump', () => Buffer.from('{"process":[],"root":{},"linux":{},"mounts":null}')),
      ['archive/metadata/has-what-runs', 'inspect/unreadable-metadata'],
    ],
    ['a status that is no JSON', withContent('status', () => Buffer.from('x')), ['inspect/unreadable-metadata']],
    [
      'a status.dump that is a list',
      withContent('status.dump', () => Buffer.from('[]')),
      ['inspect/unreadable-metadata'],
    ],
    [
      'deletions that are no list',
      plus(file('deleted.files', { content: Buffer.from('{}') })),
      ['inspect/unreadable-metadata'],
    ],
    [
      'a wrong magic',
      withContent('checkpoint/fs-1.img', swap(4, Buffer.from('abcd'))),
      ['archive/images/have-their-magic-numbers'],
    ],
    [
      'a cut message',
      withContent('checkpoint/files.img', (content) => content.subarray(0, -1)),
      ['inspect/unreadable-image'],
    ],
    [
      'a message of a length that cannot be',
      withContent('checkpoint/files.img', swap(8, Buffer.from([255, 255, 255, 255]))),
      ['inspect/unreadable-image'],
    ],
    [
      'messages without anything in them',
      withContent('checkpoint/files.img', (content) => Buffer.concat([content, Buffer.alloc(1_000_000)])),
      ['inspect/unreadable-image'],
    ],
    [
      'no process',
      withContent('checkpoint/pstree.img', (content) => content.subarray(0, 8)),
      ['inspect/unreadable-image', 'inspect/left-over-image'],
    ],
    [
      'no message',
      withContent('checkpoint/core-1.img', (content) => content.subarray(0, 8)),
      ['inspect/unreadable-image'],
    ],
    [
      'too few pages',
      withContent('checkpoint/pages-1.img', (content) => content.subarray(4096)),
      ['archive/images/pages-are-as-listed', 'inspect/page-statistics'],
    ],
    [
      'half a page',
      withContent('checkpoint/pages-2.img', (content) => content.subarray(2048)),
      ['archive/images/pages-are-as-listed'],
    ],
    [
      'blank pages',
      withContent('checkpoint/pages-1.img', (content) => Buffer.alloc(content.length)),
      ['inspect/blank-memory'],
    ],
    [
      'a process listed twice',
      withContent('checkpoint/pstree.img', (content) => Buffer.concat([content, content.subarray(8)])),
      ['inspect/repeated-process'],
    ],
    ['no pages', without('checkpoint/pages-2.img'), ['archive/images/pages-are-as-listed', 'inspect/page-statistics']],
    [
      'a layer that grows beyond measure',
      withContent('rootfs-diff.tar', () => gzipSync(Buffer.alloc(300 * 1024 * 1024))),
      ['inspect/decompression-bomb'],
    ],
    [
      'files in memory that grow beyond measure together',
      (parts) => {
        const content = gzipSync(Buffer.alloc(150 * 1024 * 1024));
        return [...parts, ...[7, 8].map((n) => file(`checkpoint/tmpfs-dev-${n}.tar.gz.img`, { content }))];
      },
      ['inspect/decompression-bomb'],
    ],
    [
      'a layer compressed twice',
      withContent('rootfs-diff.tar', (content) => gzipSync(content)),
      ['inspect/unreadable-image'],
    ],
    [
      'an address that comes twice',
      withContent('checkpoint/pagemap-1.img', (content) => {
        const first = 8 + 4 + content.readUInt32LE(8);
        return Buffer.concat([content, content.subarray(first, first + 4 + content.readUInt32LE(first))]);
      }),
      ['archive/images/pages-are-as-listed', 'inspect/repeated-address'],
    ],
    [
      'a broken layer',
      withContent('rootfs-diff.tar', (content) => content.subarray(0, 100)),
      ['inspect/unreadable-image'],
    ],
  ])('%s', async (_title, change, rules) => {
    const found = await idsOf(change);
    for (const id of found) seen.add(id);
    expect(found).toEqual(rules);
  });

  test.each<[string, (bytes: Buffer) => Buffer, string[]]>([
    ['cut in the last entry', (bytes) => bytes.subarray(0, bytes.length - 1600), ['archive/format/is-a-plain-tar']],
    ['cut before the end mark', (bytes) => bytes.subarray(0, bytes.length - 1024), ['archive/format/is-a-plain-tar']],
    ['cut in the end mark', (bytes) => bytes.subarray(0, bytes.length - 512), ['archive/format/is-a-plain-tar']],
    [
      'followed by an old tail',
      (bytes) => Buffer.concat([bytes, Buffer.from('old')]),
      ['archive/format/is-a-plain-tar'],
    ],
    [
      'whose second header is none',
      (bytes) => Buffer.concat([bytes.subarray(0, 512), Buffer.alloc(512, 'x'), bytes.subarray(1024)]),
      ['archive/format/is-a-plain-tar'],
    ],
    [
      'of more names than a checkpoint has',
      (bytes) => Buffer.concat([...longNames(20), bytes]),
      ['inspect/too-many-members'],
    ],
    ['followed by zeros', (bytes) => Buffer.concat([bytes, Buffer.alloc(10_000)]), []],
  ])('an archive %s', async (_title, change, rules) => {
    const inspection = await inspectBytes(change(bytesOf(await partsOf('containerd-2.1.9'))));
    for (const { id } of inspection.findings) seen.add(id);
    expect([...new Set(inspection.findings.map(({ id }) => id))]).toEqual(rules);
  });

  test('an archive with content in place of a header: the content is not shown', async () => {
    const memory = Buffer.alloc(512, SECRET);
    const inspection = await inspectBytes(Buffer.concat([bytesOf([file('a')]).subarray(0, 1024), memory]));
    const told = JSON.stringify(inspection);
    expect(told).toContain('archive/format/is-a-plain-tar');
    for (let at = 0; at < SECRET.length; at++) expect(told).not.toContain((SECRET + SECRET).slice(at, at + 5));
  });

  test('an archive that other users can read', async () => {
    const archive = await bench.write(bytesOf(await partsOf('containerd-2.1.9')));
    await fs.chmod(archive, 0o644);
    const { findings } = await inspectArchive(archive);
    await fs.chmod(archive, 0o600);
    for (const { id } of findings) seen.add(id);
    expect(findings.map(({ id }) => id)).toEqual(['archive/format/is-for-its-owner-only']);
  });

  test('every rule was broken by one of these tests', () => {
    const rules = [...Object.keys(INSPECT_RULES), ...ARCHIVE_RULES.map(({ id }) => id)];
    expect([...seen].sort()).toEqual(rules.filter((id) => !ELSEWHERE.includes(id)).sort());
  });
});
