// Tests that a process group is stopped as a whole, and that its last output is kept for messages.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ProcessGroup } from './process-group';
import { processesWith, writeProgram } from './testing/programs';

let directory: string;
const program = (script: string) => writeProgram(path.join(directory, 'program'), script);

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'process-group-'));
});
afterEach(() => fs.rm(directory, { recursive: true }));

async function waitForLine(group: ProcessGroup, line: string): Promise<void> {
  while (!group.lastLines.includes(line)) await setTimeout(5);
}

test.each([
  ['a wrapper that waits', 'sleep 1000 & echo ready >&2; wait'],
  ['a wrapper that does not', '(sleep 1000; true) & (sleep 1000; true) & echo ready >&2'],
  ['one that does not want to', "trap '' TERM; sleep 1000 & echo ready >&2; while true; do wait; done"],
])('%s ends together with its child processes', async (_, script) => {
  const group = new ProcessGroup([await program(script)], { ...process.env, MARK: directory });
  await waitForLine(group, 'ready');
  expect((await processesWith(directory)).length).toBeGreaterThan(0);
  await group.stop(100);
  expect(await processesWith(directory)).toEqual([]);
  expect(group.end).toMatch(/^(was ended by SIG(TERM|KILL)|ended with exit status 0)$/);
});

test('its last lines and the way it ended are kept', async () => {
  const group = new ProcessGroup([await program('for i in $(seq 100); do echo line $i >&2; done; exit 3')]);
  while (group.end === undefined) await setTimeout(5);
  expect(group.end).toBe('ended with exit status 3');
  expect(group.lastLines.at(-1)).toBe('line 100');
  expect(group.lastLines.length).toBeLessThan(20);
  await group.stop();
});

test('a program that cannot be started is reported', async () => {
  const group = new ProcessGroup([path.join(directory, 'nothing')]);
  await group.stop();
  expect(group.end).toBe('could not be started (ENOENT)');
});
