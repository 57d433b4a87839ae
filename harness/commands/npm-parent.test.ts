// Tests that `serve` ends with the npm that started it.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { typescriptChild } from '../../fakes/archive/testing/typescript-child';
import { followsParent } from './npm-parent';

let directory: string;
let npm: ChildProcess | undefined;
const pidFile = () => path.join(directory, 'pid');

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'npm-parent-'));
});
afterEach(async () => {
  npm?.kill('SIGKILL');
  try {
    process.kill(Number(readFileSync(pidFile(), 'utf8')), 'SIGTERM');
  } catch {
    // The process has already ended, as expected.
  }
  await fs.rm(directory, { recursive: true });
});

test('serve ends when npm is killed, and removes everything, although the shell between them still runs', async () => {
  const child = typescriptChild(path.join(__dirname, '../testing/npm-child.ts'), pidFile());
  npm = child;
  const [line] = await once(child.stdout, 'data');
  const socket = new URL(JSON.parse(String(line)).runtime).pathname;
  expect(existsSync(socket)).toBe(true);
  child.kill('SIGKILL');
  // The shell and `serve` have the same standard output, which closes when both have ended.
  await once(child.stdout, 'close');
  expect(existsSync(path.dirname(socket))).toBe(false);
});

test.each([
  [undefined, { npm_execpath: '/usr/lib/npm.js' }, true],
  [true, { npm_execpath: '/usr/lib/npm.js' }, false],
  [undefined, {}, false],
])('with --detach %s and the environment %j it follows its parent: %s', (detach, environment, expected) => {
  expect(followsParent(detach, environment)).toBe(expected);
});
