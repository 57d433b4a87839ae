// Leftovers are looked for now and then, not with every archive.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ManualClock } from '../clock';
import { removeLeftoversNowAndThen, TEMPORARY_PREFIX } from './temporary-file';

/** A clock that goes on by so many milliseconds whenever somebody looks at it, so that a look takes as long. */
class LookedAtClock extends ManualClock {
  constructor(private readonly step: number) {
    super();
  }

  override now(): number {
    this.advance(this.step);
    return super.now();
  }
}

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-leftovers-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** A file of this process's number, but of another process, which is gone. */
const leave = () => fs.writeFileSync(path.join(folder, `${TEMPORARY_PREFIX}${process.pid}-1-0a`), '');
const left = () => fs.readdirSync(folder).length;

it('looks at first, and again when a hundred times of what a look takes has passed', async () => {
  const clock = new LookedAtClock(20);
  leave();
  await removeLeftoversNowAndThen(folder, clock);
  expect(left()).toBe(0);
  leave();
  await removeLeftoversNowAndThen(folder, clock);
  expect(left()).toBe(1);
  clock.advance(2000);
  await removeLeftoversNowAndThen(folder, clock);
  expect(left()).toBe(0);
});

it('looks again after five seconds, however long a look takes', async () => {
  const clock = new LookedAtClock(1000);
  await removeLeftoversNowAndThen(folder, clock);
  leave();
  clock.advance(5000);
  await removeLeftoversNowAndThen(folder, clock);
  expect(left()).toBe(0);
});
