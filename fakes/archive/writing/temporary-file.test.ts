// Leftovers are looked for now and then, not with every archive.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { removeLeftovers, removeLeftoversNowAndThen, TEMPORARY_PREFIX } from './temporary-file';

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

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-leftovers-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

/** A file of this process's number, but of another process, which is gone. */
const leave = () => fs.writeFileSync(path.join(directory, `${TEMPORARY_PREFIX}${process.pid}-1-0a`), '');
const left = () => fs.readdirSync(directory).length;

it('looks at first, and again when a hundred times of what a look takes has passed', async () => {
  const clock = new LookedAtClock(20);
  leave();
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(0);
  leave();
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(1);
  clock.advance(2000);
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(0);
});

it('takes a process for gone that nobody has collected yet', async () => {
  // The shell lets its child be killed, is another program then, and never asks what became of the child.
  const script = 'sleep 100 & read start < /proc/$!/stat; echo "$start"; kill -9 $!; exec sleep 100';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [output] = await once(parent.stdout, 'data');
    const fields = String(output).split(' ');
    const [pid] = fields;
    const name = `${TEMPORARY_PREFIX}${pid}-${fields[21]}-0a`;
    fs.writeFileSync(path.join(directory, name), '');
    while (!/^State:\tZ/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) await setTimeout(5);
    await removeLeftovers(directory);
    expect(left()).toBe(0);
  } finally {
    parent.kill('SIGKILL');
  }
});

it('looks again after five seconds, however long a look takes', async () => {
  const clock = new LookedAtClock(1000);
  await removeLeftoversNowAndThen(directory, clock);
  leave();
  clock.advance(5000);
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(0);
});
