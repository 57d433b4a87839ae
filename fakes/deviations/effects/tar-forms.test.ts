// Tests that GNU tar reads the valid forms of a tar file as the same archive, and refuses the invalid forms.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ArchiveEntry } from '../../archive/job';
import { counterSnapshot } from '../../archive/testing/counter-snapshot';
import { writeArchive } from '../../archive/writing/writer';
import type { RuntimeControl } from '../../runtime/control';
import { deviation } from '../catalogue';
import type { DeviationKind } from '../deviation';

const ENTRIES: readonly ArchiveEntry[] = [
  { name: 'checkpoint/', mode: 0o700, size: 0 },
  { name: 'checkpoint/inventory.img', mode: 0o600, size: 3, content: Buffer.from('img') },
  { name: `${'d'.repeat(90)}/${'n'.repeat(90)}`, mode: 0o600, size: 600, content: Buffer.alloc(600, 'x') },
  { name: 'config.dump', mode: 0o600, size: 2, content: Buffer.from('{}') },
];

let directory: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-tar-forms-'));
});
afterEach(() => fs.rm(directory, { recursive: true }));

const noRuntime = (): RuntimeControl => {
  throw new Error('an archive needs no runtime');
};

/** Returns the archive of a checkpoint that a deviation changed. */
async function changed(kind: DeviationKind, name: string): Promise<Buffer> {
  const location = path.join(directory, 'checkpoint.tar');
  const job = { snapshot: counterSnapshot(), entries: ENTRIES, location, signal: new AbortController().signal };
  await deviation(kind, name).effects(noRuntime).archive?.(job, writeArchive);
  expect((await fs.stat(location)).mode & 0o777).toBe(0o600);
  return fs.readFile(location);
}

const tar = (input: Buffer, ...words: string[]) =>
  execFileSync('tar', [...words, '-f', '-'], {
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC' },
  });

test('an archive in the form of another tar program has the same members and contents', async () => {
  const written = await changed('variant', 'archive-of-another-tar');
  expect(written.length % 10_240).toBe(0);
  expect(tar(written, '-t').toString().trim().split('\n')).toEqual(ENTRIES.map(({ name }) => name));
  expect(tar(written, '-xO', 'checkpoint/inventory.img').toString()).toBe('img');
  expect(tar(written, '-xO', 'config.dump').toString()).toBe('{}');
  expect(tar(written, '-tv', 'config.dump').toString()).toContain('2023-11-14 22:13');
});

test('an archive is rewritten once, even if another checkpoint has replaced it in between', async () => {
  const location = path.join(directory, 'checkpoint.tar');
  const first = await changed('variant', 'archive-of-another-tar');
  const job = { snapshot: counterSnapshot(), entries: [], location, signal: new AbortController().signal };
  await deviation('variant', 'archive-of-another-tar')
    .effects(noRuntime)
    .archive?.(job, async () => {});
  expect((await fs.readFile(location)).equals(first)).toBe(true);
});

test('GNU tar refuses an archive with a wrong checksum', async () => {
  const written = await changed('mutant', 'archive-wrong-checksum');
  expect(() => tar(written, '-t')).toThrow(/tar/);
});
