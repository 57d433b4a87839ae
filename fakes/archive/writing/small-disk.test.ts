// A disk that is full, and one that cannot be written. Both need a file system of their own, which takes root to mount.
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

/** Whether a file system can be mounted here: it takes root, and in a container more than that. */
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
  describe('a disk of one mebibyte', () => {
    beforeAll(() => mount());
    afterAll(() => {
      execFileSync('umount', [directory]);
    });

    test('that gets full in the middle is a failure, and has its space back', async () => {
      const free = () => fs.statfsSync(directory).bavail;
      const before = free();
      await expect(write('large.tar', 4 * MIB)).rejects.toMatchObject({
        kind: 'no-space',
        message: expect.stringMatching(/^write \/.*: no space left on device$/),
      });
      expect(fs.readdirSync(directory)).toEqual([]);
      expect(free()).toBe(before);
    });

    test('keeps an archive that was there before', async () => {
      await write('kept.tar', 0);
      const kept = fs.readFileSync(path.join(directory, 'kept.tar'));
      await expect(write('kept.tar', 4 * MIB)).rejects.toMatchObject({ kind: 'no-space' });
      expect(fs.readdirSync(directory)).toEqual(['kept.tar']);
      expect(fs.readFileSync(path.join(directory, 'kept.tar')).equals(kept)).toBe(true);
    });
  });

  describe('a file that another one is mounted on', () => {
    beforeAll(() => {
      mount();
      for (const name of ['a.tar', 'over']) fs.writeFileSync(path.join(directory, name), '');
      execFileSync('mount', ['--bind', path.join(directory, 'over'), path.join(directory, 'a.tar')]);
    });
    afterAll(() => {
      execFileSync('umount', [path.join(directory, 'a.tar')]);
      execFileSync('umount', [directory]);
    });

    test('cannot be replaced, which is said of the location', async () => {
      await expect(write('a.tar', 0)).rejects.toMatchObject({
        kind: 'busy',
        message: `rename ${directory}/a.tar: device or resource busy`,
      });
      expect(fs.readdirSync(directory).sort()).toEqual(['a.tar', 'over']);
    });
  });

  describe('a disk that cannot be written', () => {
    beforeAll(() => mount('ro'));
    afterAll(() => {
      execFileSync('umount', [directory]);
    });

    test('is refused before anything is written', async () => {
      await expect(write('a.tar', 0)).rejects.toMatchObject({
        kind: 'read-only',
        message: expect.stringMatching(/^open \/.*: read-only file system$/),
      });
    });
  });
}

if (canMount()) onSmallDisks();
else test.todo('unsupported here: a full disk and one that cannot be written, which take the rights of root');

/** Root may write anywhere. */
const isRoot = process.getuid?.() === 0;

describe('a folder that may not be written', () => {
  if (isRoot) test.todo('unsupported here: root may write into every folder');
  else
    test('is refused', async () => {
      fs.chmodSync(directory, 0o500);
      await expect(write('a.tar', 0)).rejects.toMatchObject({ kind: 'permission' });
      fs.chmodSync(directory, 0o700);
    });
});
