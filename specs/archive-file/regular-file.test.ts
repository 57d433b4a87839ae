// Tests that only regular files are opened, and that large members are never read into memory as a whole.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Unsupported } from '../subject/expect';
import { Archive, archiveFault, BadMember } from './reader';
import { readRegular, readRegularIfThere } from './regular-file';
import { fileSource, piecesOf, readAt } from './source';

let directory: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-regular-'));
});
afterAll(() => fs.rm(directory, { recursive: true }));

const GIB = 1024 ** 3;

/** Writes an archive with one large member. The file is sparse. */
async function archiveWith(name: string, size: number): Promise<string> {
  const header = Buffer.alloc(512);
  const field = (text: string, at: number) => header.write(text, at);
  field(name, 0);
  field('0000600\0', 100);
  field('0000000\0', 108);
  field('0000000\0', 116);
  field(`${size.toString(8).padStart(11, '0')}\0`, 124);
  field('00000000000\0', 136);
  field('0ustar\x0000', 156);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  field(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const file = path.join(directory, 'large.tar');
  await fs.writeFile(file, header);
  await fs.truncate(file, 512 + size + 1024);
  return file;
}

describe('a path that is not a regular file breaks the rule', () => {
  test('a named pipe without a writer', async () => {
    const pipe = path.join(directory, 'pipe.tar');
    execFileSync('mkfifo', [pipe]);
    expect(await archiveFault(pipe)).toBe('it is not a regular file');
  });

  test('a directory, and a link to a device', async () => {
    const link = path.join(directory, 'link.tar');
    await fs.symlink('/dev/zero', link);
    expect(await archiveFault(link)).toBe('it is not a regular file');
    expect(await archiveFault(directory)).toBe('it is not a regular file');
  });
});

describe('a member of 2 GiB', () => {
  test('is not read as a whole, but its beginning can be read', async () => {
    const archive = await Archive.open(await archiveWith('config.dump', 2 * GIB));
    await expect(archive.json('config.dump')).rejects.toThrow(BadMember);
    const member = archive.member('config.dump');
    expect(member && (await readAt(archive.content(member), 0, 8))).toEqual(Buffer.alloc(8));
  });

  test('is read in pieces', async () => {
    for await (const piece of piecesOf(await fileSource(await archiveWith('pages', 2 * GIB)))) {
      expect(piece.length).toBeLessThanOrEqual(1024 * 1024);
      break;
    }
  });
});

describe('a file of a terabyte of zeros', () => {
  const zeros = async () => {
    const file = path.join(directory, 'zeros.tar');
    await fs.writeFile(file, '');
    await fs.truncate(file, 1024 * GIB);
    return file;
  };

  test('is no archive, which is found out without reading all of it', async () => {
    expect(await archiveFault(await zeros())).toMatch(/^more than \d+ bytes follow its end mark$/);
  });

  test('is not read as a whole', async () => {
    await expect(readRegular(await zeros())).rejects.toThrow(Unsupported);
    await expect(readRegularIfThere(await zeros())).rejects.toThrow(Unsupported);
    expect(await readRegularIfThere(path.join(directory, 'absent.tar'))).toBe(undefined);
  });
});
