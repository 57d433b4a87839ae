import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { LogFile } from './log-file';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const NOW = Date.UTC(2026, 10, 23, 12, 1, 7) + 123.456;

test('lines have the CRI log format, and the file exists before the first line', async () => {
  const log = new LogFile(path.join(directory, 'pod/main/0.log'), new ManualClock(NOW));
  await log.create();
  expect(statSync(log.path).size).toBe(0);
  expect(statSync(path.dirname(log.path)).mode & 0o777).toBe(0o755);
  log.write('stdout', 'text');
  log.write('stderr', 'oops');
  const [first, second, rest] = readFileSync(log.path, 'utf8').split('\n');
  expect(first).toMatch(/^2026-11-23T12:01:07\.1234[56]\d{4}Z stdout F text$/);
  expect(second).toMatch(/Z stderr F oops$/);
  expect(rest).toBe('');
  log.close();
});

test('a line of more than 16 KiB is split into parts', async () => {
  const log = new LogFile(path.join(directory, '0.log'), new ManualClock(NOW));
  await log.create();
  log.write('stdout', 'a'.repeat(2 * 16_384 + 1));
  const parts = readFileSync(log.path, 'utf8').trimEnd().split('\n');
  expect(parts.map((part) => [part.split(' ')[2], part.split(' ')[3]?.length])).toEqual([
    ['P', 16_384],
    ['P', 16_384],
    ['F', 1],
  ]);
  log.close();
});

test('after a rotation, lines go to the old file until the log is reopened', async () => {
  const log = new LogFile(path.join(directory, '0.log'), new ManualClock(NOW));
  await log.create();
  log.write('stdout', 'one');
  renameSync(log.path, `${log.path}.1`);
  log.write('stdout', 'two');
  expect(existsSync(log.path)).toBe(false);
  log.reopen();
  log.write('stdout', 'three');
  expect(readFileSync(`${log.path}.1`, 'utf8')).toMatch(/one\n.*two\n$/);
  expect(readFileSync(log.path, 'utf8')).toMatch(/three\n$/);
  log.close();
});
