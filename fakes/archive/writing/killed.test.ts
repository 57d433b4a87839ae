// Tests processes that are killed while they write archives: each archive is complete or missing, no readable file is
// left, and the next write removes temporary files.
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { Random, seedOf } from '../../base/random';
import { containerdEntries } from '../containerd/containerd-layout';
import { counterSnapshot } from '../testing/counter-snapshot';
import { typescriptChild } from '../testing/typescript-child';
import { TEMPORARY_PREFIX } from './temporary-file';
import { writeArchive } from './writer';

const VICTIMS = 18;
/** Number of processes that run at the same time. */
const ABREAST = 3;
const MAX_DELAY_MS = 100;
const MAX_TEST_MS = 300_000;

let parent: string;
beforeAll(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-killed-'));
});
afterAll(() => fs.rmSync(parent, { recursive: true }));

const isTemporary = (name: string) => name.startsWith(TEMPORARY_PREFIX);

/**
 * Starts a process that writes archives, and kills it after a delay that depends on `n`. If `n` is odd, the process is
 * killed while it writes a file.
 */
async function killed(n: number): Promise<string> {
  const directory = path.join(parent, String(n));
  fs.mkdirSync(directory);
  const victim = typescriptChild(path.join(__dirname, '../testing/writes-without-end.ts'), directory);
  const exit = once(victim, 'exit');
  await once(victim.stdout, 'data');
  await setTimeout(new Random(seedOf('kill', n)).below(MAX_DELAY_MS));
  while (n % 2 === 1 && !fs.readdirSync(directory).some(isTemporary)) await setImmediate();
  victim.kill('SIGKILL');
  await exit;
  return directory;
}

async function write(location: string): Promise<void> {
  const snapshot = counterSnapshot();
  const { signal } = new AbortController();
  await writeArchive({ snapshot, entries: containerdEntries(snapshot), location, signal }, new ManualClock());
}

test(
  `${VICTIMS} killed processes leave only complete archives`,
  async () => {
    await write(path.join(parent, 'whole.tar'));
    const whole = fs.readFileSync(path.join(parent, 'whole.tar'));
    let left = 0;
    const judge = async (n: number) => {
      const directory = await killed(n);
      const names = fs.readdirSync(directory);
      const readable = names.filter((name) => (fs.statSync(path.join(directory, name)).mode & 0o777) !== 0o600);
      const archives = names.filter((name) => !isTemporary(name));
      const broken = archives.filter((name) => !fs.readFileSync(path.join(directory, name)).equals(whole));
      expect({ n, readable, broken }).toEqual({ n, readable: [], broken: [] });
      expect(archives).toContain('first.tar');
      left += names.length - archives.length;
      await write(path.join(directory, 'last.tar'));
      expect(fs.readdirSync(directory).filter(isTemporary)).toEqual([]);
    };
    const worker = async (first: number) => {
      for (let n = first; n < VICTIMS; n += ABREAST) await judge(n);
    };
    await Promise.all(Array.from({ length: ABREAST }, (_, n) => worker(n)));
    // At least one process must have been killed while it wrote a file, or this test checks nothing.
    expect(left).toBeGreaterThan(0);
  },
  MAX_TEST_MS,
);
