// Tests how each value of the policy treats an existing file, a link or a relative path at the location.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import type { ArchiveEntry } from '../job';
import { counterSnapshot } from '../testing/counter-snapshot';
import { checkLocation } from './location';
import { writeArchive } from './writer';
import { REFERENCE_WRITING, type WritingPolicy } from './writing-policy';

/** Size of a header, a content block, and the end of the archive. */
const ARCHIVE_BYTES = 512 + 512 + 1024;
const OLD_BYTES = 10_000;

let directory: string;
let location: string;
const at = (name: string) => path.join(directory, name);
const home = process.cwd();

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-policy-'));
  location = at('checkpoint.tar');
});
afterEach(() => {
  process.chdir(home);
  fs.rmSync(directory, { recursive: true });
});

const small: ArchiveEntry = { name: 'config.dump', mode: 0o600, size: 2, content: Buffer.from('{}') };

const write = (policy: Partial<WritingPolicy>, entry: ArchiveEntry = small, signal = new AbortController().signal) =>
  writeArchive(
    { snapshot: counterSnapshot(), entries: [entry], location, signal, policy: { ...REFERENCE_WRITING, ...policy } },
    new ManualClock(),
  );

function oldFile(): fs.Stats {
  fs.writeFileSync(location, 'x'.repeat(OLD_BYTES));
  fs.chmodSync(location, 0o644);
  return fs.statSync(location);
}

describe('with the writing policy in-place,', () => {
  const both = { writing: 'in-place', mode: 'kept', tail: 'kept' } as const;

  it('an existing file keeps its inode, its hard links, its mode and its tail', async () => {
    const { ino } = oldFile();
    fs.linkSync(location, at('other'));
    await write(both);
    const { mode, size, ...now } = fs.statSync(at('other'));
    expect([now.ino, mode & 0o777, size]).toEqual([ino, 0o644, OLD_BYTES]);
    const content = fs.readFileSync(location, 'latin1');
    expect([content.startsWith('config.dump'), content.endsWith('x')]).toEqual([true, true]);
    expect(fs.readdirSync(directory).sort()).toEqual(['checkpoint.tar', 'other']);
  });

  it('an existing file is made private and truncated if the policy says so', async () => {
    const { ino } = oldFile();
    await write({ writing: 'in-place' });
    const { mode, size, ...now } = fs.statSync(location);
    expect([now.ino, mode & 0o777, size]).toEqual([ino, 0o600, ARCHIVE_BYTES]);
  });

  it('a new file is private, and visible while it is written', async () => {
    let seen: string[] = [];
    await write(both, {
      ...small,
      content: function* () {
        seen = fs.readdirSync(directory);
        yield Buffer.from('{}');
      },
    });
    expect([seen, fs.statSync(location).mode & 0o777]).toEqual([['checkpoint.tar'], 0o600]);
  });

  it('the written part stays after an abort', async () => {
    const abort = new AbortController();
    const size = 3 * 1024 * 1024;
    const entry: ArchiveEntry = {
      ...small,
      size,
      content: function* () {
        yield Buffer.alloc(size / 3);
        yield Buffer.alloc(size / 3);
        abort.abort(new Error('gone'));
        yield Buffer.alloc(size / 3);
      },
    };
    await expect(write(both, entry, abort.signal)).rejects.toThrow('gone');
    expect(fs.statSync(location).size).toBeGreaterThan(0);
    expect(fs.statSync(location).size).toBeLessThan(size);
  });

  it('a link is replaced if the policy does not follow links', async () => {
    fs.writeFileSync(at('target'), 'kept');
    fs.symlinkSync('target', location);
    await write(both);
    expect([fs.lstatSync(location).isFile(), fs.readFileSync(at('target'), 'utf8')]).toEqual([true, 'kept']);
  });
});

describe.each(['atomic', 'in-place'] as const)('with the writing policy %s,', (writing) => {
  it('a link is followed to an existing and to a missing file', async () => {
    fs.mkdirSync(at('elsewhere'));
    fs.symlinkSync('elsewhere/new', at('second'));
    fs.symlinkSync('second', location);
    await write({ writing, links: 'followed' });
    await write({ writing, links: 'followed' });
    expect(fs.lstatSync(location).isSymbolicLink()).toBe(true);
    expect(fs.statSync(at('elsewhere/new')).size).toBe(ARCHIVE_BYTES);
    expect(fs.readdirSync(at('elsewhere'))).toEqual(['new']);
  });

  it.each(['file', 'directory', 'link'])('an existing %s is refused and stays unchanged', async (kind) => {
    if (kind === 'file') oldFile();
    else if (kind === 'directory') fs.mkdirSync(location);
    else fs.symlinkSync('nothing', location);
    const before = fs.lstatSync(location);
    const policy = { writing, links: 'followed', existingFile: 'refused' } as const;
    const refusal = { kind: 'exists', message: `open ${location}: file exists` };
    await expect(write(policy)).rejects.toMatchObject(refusal);
    expect(() => checkLocation(location, { ...REFERENCE_WRITING, ...policy })).toThrow(
      expect.objectContaining(refusal),
    );
    expect(fs.lstatSync(location)).toEqual({ ...before, atime: expect.anything(), atimeMs: expect.anything() });
    expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
  });

  it('a relative location is resolved in the working directory', async () => {
    process.chdir(directory);
    location = 'checkpoint.tar';
    await write({ writing, relativeLocation: 'taken' });
    expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
    location = 'no/such.tar';
    const policy = { ...REFERENCE_WRITING, writing, relativeLocation: 'taken' } as const;
    const absent = 'open no/such.tar: no such file or directory';
    await expect(write(policy)).rejects.toThrow(absent);
    expect(() => checkLocation(location, policy)).toThrow(absent);
  });
});

it('a file that appears during the write is not overwritten if the policy refuses existing files', async () => {
  const entry: ArchiveEntry = {
    ...small,
    content: function* () {
      fs.writeFileSync(location, 'first');
      yield Buffer.from('{}');
    },
  };
  await expect(write({ existingFile: 'refused' }, entry)).rejects.toMatchObject({ kind: 'exists' });
  expect([fs.readFileSync(location, 'utf8'), fs.readdirSync(directory)]).toEqual(['first', ['checkpoint.tar']]);
});

it('the first check follows a link to a missing directory, if links are followed', () => {
  fs.symlinkSync('no/such.tar', location);
  expect(() => checkLocation(location)).not.toThrow();
  expect(() => checkLocation(location, { ...REFERENCE_WRITING, links: 'followed' })).toThrow(
    `open ${location}: no such file or directory`,
  );
});
