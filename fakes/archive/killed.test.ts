// A process that is killed while it writes archives leaves whole ones or none, nothing that others may read, and nothing
// that the next one does not clear away.
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ManualClock } from '../clock';
import { containerdEntries } from './containerd-layout';
import { Random, seedOf } from './random';
import { TEMPORARY_PREFIX } from './temporary-file';
import { counterSnapshot } from './testing/counter-snapshot';
import { typescriptChild } from './testing/typescript-child';
import { writeArchive } from './writer';

const VICTIMS = 24;
/** Victims that run at a time. */
const ABREAST = 3;
const LONGEST_DELAY_MS = 100;
const LONGEST_TEST_MS = 300_000;

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-killed-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Starts a victim, lets it begin, and kills it at a moment that follows from its number. */
async function kill(n: number): Promise<void> {
  const victim = typescriptChild(path.join(__dirname, 'testing/writes-without-end.ts'), folder);
  const exit = once(victim, 'exit');
  await once(victim.stdout, 'data');
  await setTimeout(new Random(seedOf('kill', n)).below(LONGEST_DELAY_MS));
  victim.kill('SIGKILL');
  await exit;
}

test(
  `${VICTIMS} killed ones`,
  async () => {
    const lane = async (first: number) => {
      for (let n = first; n < VICTIMS; n += ABREAST) await kill(n);
    };
    await Promise.all(Array.from({ length: ABREAST }, (_, n) => lane(n)));

    const names = fs.readdirSync(folder);
    const archives = names.filter((name) => name.endsWith('.tar'));
    const temporary = names.filter((name) => !name.endsWith('.tar'));
    expect(archives.length).toBeGreaterThan(1);
    // Of so many some were killed in the middle of a file; else this would test nothing.
    expect(temporary.length).toBeGreaterThan(0);
    expect(temporary.filter((name) => !name.startsWith(TEMPORARY_PREFIX))).toEqual([]);
    expect(names.filter((name) => (fs.statSync(path.join(folder, name)).mode & 0o777) !== 0o600)).toEqual([]);
    const whole = fs.readFileSync(path.join(folder, 'first.tar'));
    expect(archives.filter((name) => !fs.readFileSync(path.join(folder, name)).equals(whole))).toEqual([]);

    const snapshot = counterSnapshot();
    const { signal } = new AbortController();
    const location = path.join(folder, 'last.tar');
    await writeArchive({ snapshot, entries: containerdEntries(snapshot), location, signal }, new ManualClock());
    expect(fs.readdirSync(folder).filter((name) => !name.endsWith('.tar'))).toEqual([]);
  },
  LONGEST_TEST_MS,
);
