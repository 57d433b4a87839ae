// Tests the reader with archives of real runtimes and with damaged archives.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dumpedMemory, pagesBytes, processesOf } from './dump';
import { Archive, archiveFault } from './reader';

const recorded = (name: string) => path.join(__dirname, '../archive/testdata', `${name}-counter.tar`);

let directory: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-reader-'));
});
afterAll(() => fs.rm(directory, { recursive: true }));

async function altered(change: (bytes: Buffer) => Buffer): Promise<string> {
  const file = path.join(directory, 'altered.tar');
  await fs.writeFile(file, change(await fs.readFile(recorded('containerd-2.1.9'))));
  return file;
}

describe.each(['containerd-2.1.9', 'cri-o-1.37'])('a real archive of %s', (runtime) => {
  test('is complete, and contains what every checkpoint contains', async () => {
    expect(await archiveFault(recorded(runtime))).toBeUndefined();
    const archive = await Archive.open(recorded(runtime));
    expect(archive.members.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['config.dump', 'spec.dump', 'checkpoint/', 'checkpoint/inventory.img']),
    );
    expect(archive.member('config.dump')?.mode).toBe(0o600);
  });

  test('shows a shell and its child process, both with the environment in their memory', async () => {
    const archive = await Archive.open(recorded(runtime));
    const processes = await processesOf(archive);
    expect(processes).toHaveLength(2);
    expect(processes[1]?.parentPid).toBe(processes[0]?.pid);
    for (const { pid } of processes) {
      const pieces = [];
      for await (const piece of dumpedMemory(archive, pid)) pieces.push(Buffer.from(piece));
      expect(Buffer.concat(pieces).includes('PATH=/')).toBe(true);
    }
    expect(pagesBytes(archive)).toBeGreaterThan(100_000);
  });
});

/** Returns the archive after an extension header that contains one record. */
function extended(bytes: Buffer, record: string): Buffer {
  const header = Buffer.from(bytes.subarray(0, 512));
  header.write(`${record.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('x', 156);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(record.padEnd(512, '\0')), bytes]);
}

test.each([
  [
    'said to have members of a size below zero',
    (bytes: Buffer) => extended(bytes, '13 size=-512\n'),
    /not that of a tar member: its size is not a number of bytes$/,
  ],
  [
    'said to have members of no size',
    (bytes: Buffer) => extended(bytes, '13 size=many\n'),
    /not that of a tar member: its size is not a number of bytes$/,
  ],
  ['cut in a member', (bytes: Buffer) => bytes.subarray(0, 100_000), /^it ends in the middle of /],
  ['cut before the end mark', (bytes: Buffer) => bytes.subarray(0, 512), /^it ends before its end mark/],
  ['empty', () => Buffer.alloc(0), /^it ends in the middle of the first header/],
  [
    'followed by an old tail',
    (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('old')]),
    /^bytes other than zeros follow its end mark$/,
  ],
  ['something else', () => Buffer.alloc(2048, 'x'), /not that of a tar member: .* where a number belongs$/],
  ['only an end mark', () => Buffer.alloc(1024), /without members/],
])('an archive that is %s is rejected with that reason', async (_, change, reason) => {
  expect(await archiveFault(await altered(change))).toMatch(reason);
});

test('a missing archive breaks the rule and is not an error of the suite', async () => {
  expect(await archiveFault(path.join(directory, 'absent.tar'))).toBe('it cannot be opened (ENOENT)');
});
