// Sets up tests of `inspect`: provides a directory, and changes archives before they are inspected.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { inspectArchive } from '../inspect-archive';
import { type ArchiveChange, type ArchivePart, bytesOf, partsOf, writePrivate } from './rebuild';

/**
 * Creates a directory before the tests of a test file, and removes the directory after them. Returns functions that
 * inspect changed archives.
 */
export function inspectionBench() {
  let directory = '';
  beforeAll(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-inspect-'));
  });
  afterAll(() => fs.rm(directory, { recursive: true }));
  const write = (bytes: Buffer) => writePrivate(directory, bytes);
  const inspectBytes = async (bytes: Buffer) => inspectArchive(await write(bytes));
  const inspectParts = async (change: ArchiveChange) =>
    inspectBytes(bytesOf(change(await partsOf('containerd-2.1.9'))));
  return {
    at: (name: string) => path.join(directory, name),
    write,
    inspectBytes,
    /** Changes the recorded archive of containerd and inspects it. */
    inspectParts,
    /** Returns the distinct ids of the findings in the changed archive. */
    idsOf: async (change: ArchiveChange) => [...new Set((await inspectParts(change)).findings.map(({ id }) => id))],
  };
}

/** Makes a file in an archive. */
export const file = (name: string, more: Partial<ArchivePart> = {}): ArchivePart => ({
  name,
  type: 'file',
  mode: 0o600,
  content: Buffer.from('x'),
  ...more,
});
