// Tests that archives are complete and private, or do not exist.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { ownIdentity } from '../../base/process-identity';
import type { ArchiveEntry } from '../job';
import { counterSnapshot } from '../testing/counter-snapshot';
import { readTar } from '../testing/read-tar';
import { TEMPORARY_PREFIX } from './temporary-file';
import { writeArchive } from './writer';

let directory: string;
let location: string;
const inside = (name: string) => path.join(directory, name);

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-writer-'));
  location = inside('checkpoint.tar');
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

const small: ArchiveEntry[] = [
  { name: 'checkpoint/', mode: 0o700, size: 0 },
  { name: 'config.dump', mode: 0o600, size: 2, content: Buffer.from('{}') },
];

/** Makes an entry of 3 MiB. `between` is called after each MiB was read. */
function large(between: () => void): ArchiveEntry {
  const size = 1024 * 1024;
  function* content() {
    for (let i = 0; i < 3; i++) {
      yield Buffer.alloc(size, i);
      between();
    }
  }
  return { name: 'pages', mode: 0o600, size: 3 * size, content };
}

function write(entries: readonly ArchiveEntry[], signal = new AbortController().signal): Promise<void> {
  return writeArchive({ snapshot: counterSnapshot(), entries, location, signal }, new ManualClock());
}

async function members(): Promise<string[]> {
  return (await readTar(fs.readFileSync(location))).map((member) => member.name);
}

const modeOf = (name: string) => fs.lstatSync(name).mode & 0o777;

it('an archive is readable only by its owner, and no other file is created', async () => {
  await write(small);
  expect(await members()).toEqual(['checkpoint/', 'config.dump']);
  expect(modeOf(location)).toBe(0o600);
  expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
});

it('while an archive is written nothing is readable, and its name appears when it is complete', async () => {
  const seen: [string, number][] = [];
  await write([
    large(() => seen.push(...fs.readdirSync(directory).map((name): [string, number] => [name, modeOf(inside(name))]))),
  ]);
  expect(seen).toHaveLength(3);
  for (const [name, mode] of seen) {
    expect(name.startsWith(`${TEMPORARY_PREFIX}${ownIdentity()}-`)).toBe(true);
    expect(mode).toBe(0o600);
  }
});

describe('an existing file', () => {
  it('that other users can read is replaced by a private one', async () => {
    fs.writeFileSync(location, 'x'.repeat(600_000), { mode: 0o644 });
    fs.linkSync(location, inside('other-name'));
    await write(small);
    expect(modeOf(location)).toBe(0o600);
    expect(fs.statSync(location).size).toBe(3 * 512 + 512 + 1024 - 512);
    expect(fs.statSync(inside('other-name')).size).toBe(600_000);
  });

  it.each(['file', 'directory', 'missing path'])(
    'that is a link to a %s is replaced, and the target stays unchanged',
    async (target) => {
      fs.mkdirSync(inside('directory'));
      fs.writeFileSync(inside('file'), 'kept');
      fs.symlinkSync(inside(target), location);
      await write(small);
      expect(fs.lstatSync(location).isFile()).toBe(true);
      expect(fs.readFileSync(inside('file'), 'utf8')).toBe('kept');
      expect(fs.readdirSync(directory).sort()).toEqual(['checkpoint.tar', 'directory', 'file']);
    },
  );

  it('that is a directory is refused', async () => {
    fs.mkdirSync(location);
    await expect(write(small)).rejects.toMatchObject({ kind: 'is-directory' });
    expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
  });

  it('that becomes a directory during the write stays, and no temporary file is left', async () => {
    await expect(write([large(() => fs.mkdirSync(location, { recursive: true }))])).rejects.toMatchObject({
      kind: 'is-directory',
      message: `rename ${location}: is a directory`,
    });
    expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
    expect(fs.lstatSync(location).isDirectory()).toBe(true);
  });
});

it('a missing directory is refused', async () => {
  location = inside('nowhere/checkpoint.tar');
  await expect(write(small)).rejects.toThrow(`open ${location}: no such file or directory`);
});

describe('the previous state is kept', () => {
  beforeEach(() => fs.writeFileSync(location, 'before'));
  afterEach(() => {
    expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
    expect(fs.readFileSync(location, 'utf8')).toBe('before');
  });

  it('if the write is aborted midway', async () => {
    const abort = new AbortController();
    const reason = new Error('deadline passed');
    await expect(write([large(() => abort.abort(reason))], abort.signal)).rejects.toBe(reason);
  });

  it('if the write is aborted after the last byte', async () => {
    const abort = new AbortController();
    let left = 3;
    const entry = large(() => --left === 0 && abort.abort());
    await expect(write([entry], abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('if the write was aborted before it started', async () => {
    await expect(write(small, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('if reading a content fails', async () => {
    const entry = large(() => {
      throw new Error('no more pages');
    });
    await expect(write([entry])).rejects.toThrow('no more pages');
  });

  it.each([
    [1, 'archive entry a: missed writing 1 bytes'],
    [-1, 'archive entry a: write too long'],
  ])('if a content is %d bytes shorter than announced', async (by, message) => {
    const entry = { name: 'a', mode: 0o600, size: 10 + by, content: Buffer.alloc(10) };
    await expect(write([entry])).rejects.toThrow(message);
  });
});

it('a location that is not a regular file is not replaced', async () => {
  execFileSync('mkfifo', [location]);
  await expect(write(small)).rejects.toMatchObject({ kind: 'not-a-regular-file', location });
  expect(fs.lstatSync(location).isFIFO()).toBe(true);
  expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
});

it('two concurrent writes to one location both succeed, and leave one complete archive', async () => {
  await Promise.all([write([...small, large(() => {})]), write([...small, large(() => {})])]);
  expect(await members()).toEqual(['checkpoint/', 'config.dump', 'pages']);
  expect(fs.readdirSync(directory)).toEqual(['checkpoint.tar']);
});

it('temporary files of processes that have ended are removed, and no others', async () => {
  // When the test uses the PID, it is free or belongs to a process that started later.
  const endedPid = execFileSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  const leftovers = [`${endedPid}-1-0a`, `${process.pid}-1-0b`];
  const remaining = [`${ownIdentity()}-0c`, 'strange'];
  for (const name of [...leftovers, ...remaining]) fs.writeFileSync(inside(TEMPORARY_PREFIX + name), '');
  await write(small);
  expect(fs.readdirSync(directory).sort()).toEqual(
    [...remaining.map((name) => TEMPORARY_PREFIX + name), 'checkpoint.tar'].sort(),
  );
});
