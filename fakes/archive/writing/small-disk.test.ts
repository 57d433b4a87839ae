// Tests a full disk and a read-only disk. Both need their own file system, and only root can mount one.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { containerdEntries } from '../containerd/containerd-layout';
import { counterSnapshot, SHELL } from '../testing/counter-snapshot';
import { writeArchive } from './writer';

const DISK_KIB = 1024;

let parent: string;
let directory: string;
beforeAll(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-disk-'));
  directory = path.join(parent, 'disk');
  fs.mkdirSync(directory);
});
afterAll(() => fs.rmSync(parent, { recursive: true }));

function mount(...options: string[]): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', [`size=${DISK_KIB}k`, ...options].join(), 'ckptest', directory]);
}

/** Returns whether this process can mount a file system. Root in a container usually cannot. */
function canMount(): boolean {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-probe-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'ckptest', place], { stdio: 'ignore' });
    execFileSync('umount', [place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    fs.rmdirSync(place);
  }
}

function write(name: string, memoryBytes: number): Promise<void> {
  const snapshot = counterSnapshot({ processes: [{ ...SHELL, memoryBytes }] });
  const { signal } = new AbortController();
  return writeArchive({ snapshot, entries: containerdEntries(snapshot), location: path.join(directory, name), signal });
}

const MIB = 1024 * 1024;

function onSmallDisks(): void {
  describe('on a disk of 1 MiB,', () => {
    beforeAll(() => mount());
    afterAll(() => {
      execFileSync('umount', [directory]);
    });

    test('an archive that is too large fails, and its space is free again', async () => {
      const free = () => fs.statfsSync(directory).bavail;
      const before = free();
      await expect(write('large.tar', 4 * MIB)).rejects.toMatchObject({
        kind: 'no-space',
        message: expect.stringMatching(/^write \/.*: no space left on device$/),
      });
      expect(fs.readdirSync(directory)).toEqual([]);
      expect(free()).toBe(before);
    });

    test('an existing archive is kept if a new one is too large', async () => {
      await write('kept.tar', 0);
      const kept = fs.readFileSync(path.join(directory, 'kept.tar'));
      await expect(write('kept.tar', 4 * MIB)).rejects.toMatchObject({ kind: 'no-space' });
      expect(fs.readdirSync(directory)).toEqual(['kept.tar']);
      expect(fs.readFileSync(path.join(directory, 'kept.tar')).equals(kept)).toBe(true);
    });
  });

  describe('a file on which a file system is mounted', () => {
    beforeAll(() => {
      mount();
      for (const name of ['a.tar', 'over']) fs.writeFileSync(path.join(directory, name), '');
      execFileSync('mount', ['--bind', path.join(directory, 'over'), path.join(directory, 'a.tar')]);
    });
    afterAll(() => {
      execFileSync('umount', [path.join(directory, 'a.tar')]);
      execFileSync('umount', [directory]);
    });

    test('cannot be replaced, and the error names the location', async () => {
      await expect(write('a.tar', 0)).rejects.toMatchObject({
        kind: 'busy',
        message: `rename ${directory}/a.tar: device or resource busy`,
      });
      expect(fs.readdirSync(directory).sort()).toEqual(['a.tar', 'over']);
    });
  });

  describe('on a read-only disk,', () => {
    beforeAll(() => mount('ro'));
    afterAll(() => {
      execFileSync('umount', [directory]);
    });

    test('an archive is refused before anything is written', async () => {
      await expect(write('a.tar', 0)).rejects.toMatchObject({
        kind: 'read-only',
        message: expect.stringMatching(/^open \/.*: read-only file system$/),
      });
    });
  });
}

if (canMount()) onSmallDisks();
else test.todo('unsupported here: a full disk and a read-only disk, because only root can mount file systems');

/** Root can write to any directory. */
const isRoot = process.getuid?.() === 0;

describe('in a directory without write permission,', () => {
  if (isRoot) test.todo('unsupported here: root may write into every directory');
  else
    test('an archive is refused', async () => {
      fs.chmodSync(directory, 0o500);
      await expect(write('a.tar', 0)).rejects.toMatchObject({ kind: 'permission' });
      fs.chmodSync(directory, 0o700);
    });
});
