// Tests that leftover temporary files are searched for from time to time, and not with every archive.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { removeLeftovers, removeLeftoversNowAndThen, TEMPORARY_PREFIX } from './temporary-file';

/** A clock that advances by `ms` whenever it is read, so that a search appears to take this time. */
class AdvancingClock extends ManualClock {
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

/** Creates a temporary file as if an ended process with the PID of this process had left it behind. */
const leaveFile = () => fs.writeFileSync(path.join(directory, `${TEMPORARY_PREFIX}${process.pid}-1-0a`), '');
const left = () => fs.readdirSync(directory).length;

it('leftover files are searched for at first, and again after 100 times the duration of a search', async () => {
  const clock = new AdvancingClock(20);
  leaveFile();
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(0);
  leaveFile();
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(1);
  clock.advance(2000);
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(0);
});

it('a zombie process is treated as ended', async () => {
  // The shell starts a child and replaces itself with another program, which never collects the killed child.
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

it('leftover files are searched for again after five seconds, however long a search takes', async () => {
  const clock = new AdvancingClock(1000);
  await removeLeftoversNowAndThen(directory, clock);
  leaveFile();
  clock.advance(5000);
  await removeLeftoversNowAndThen(directory, clock);
  expect(left()).toBe(0);
});
