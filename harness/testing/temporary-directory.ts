// Gives the tests of one file temporary directories of their own, because tests of other files run at the same time.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, jest } from '@jest/globals';

const newDirectory = (name: string) => fs.mkdtempSync(path.join(os.tmpdir(), `ckptest-${name}-`));

/**
 * Sets TMPDIR to a new directory for each test of the file, and removes the directory after the test.
 *
 * @param name a part of the directory's name
 * @returns a function that returns the directory of the current test
 */
export function directoryPerTest(name: string): () => string {
  let directory = '';
  let before: string | undefined;
  beforeEach(() => {
    directory = newDirectory(name);
    before = process.env['TMPDIR'];
    process.env['TMPDIR'] = directory;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    fs.rmSync(directory, { recursive: true });
  });
  return () => directory;
}

/** A directory for the files of a test file, and a temporary directory in it. */
export interface TestFileDirectory {
  /** Returns the path of a file in the directory. */
  inDirectory(name: string): string;
  /** Returns the names in the temporary directory, sorted. */
  leftOvers(): Promise<string[]>;
}

/**
 * Creates a directory for all tests of the file, and mocks `os.tmpdir` with a directory in it. Removes both afterwards.
 *
 * @param name a part of the directory's name
 */
export function directoryPerFile(name: string): TestFileDirectory {
  let directory = '';
  const inDirectory = (file: string) => path.join(directory, file);
  beforeAll(() => {
    directory = newDirectory(name);
    fs.mkdirSync(inDirectory('tmp'));
    jest.spyOn(os, 'tmpdir').mockReturnValue(inDirectory('tmp'));
  });
  afterAll(() => {
    jest.restoreAllMocks();
    fs.rmSync(directory, { recursive: true });
  });
  return { inDirectory, leftOvers: async () => (await fs.promises.readdir(os.tmpdir())).sort() };
}
