// Tests that timers run once and in order, whether real time passes or the clock is advanced.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from './clock';
import { MovableClock } from './movable-clock';

let base: ManualClock;
let clock: MovableClock;
let ran: string[];
const note = (name: string) => () => {
  ran.push(`${name} at ${clock.now()}`);
};
beforeEach(() => {
  base = new ManualClock(1000);
  clock = new MovableClock(base);
  ran = [];
});

test('a movable clock runs like its base clock', () => {
  clock.after(10, note('a'));
  base.advance(10);
  expect([clock.now(), ran]).toEqual([1010, ['a at 1010']]);
});

test('a move runs the timers that become due, each at its own time, including new timers', () => {
  clock.after(20, note('b'));
  clock.after(10, () => {
    note('a')();
    clock.after(5, note('c'));
  });
  clock.after(100, note('d'));
  const cancel = clock.after(15, note('never'));
  cancel();
  clock.advance(50);
  expect([clock.now(), ran]).toEqual([1050, ['a at 1010', 'c at 1015', 'b at 1020']]);
  base.advance(49);
  expect(ran).toHaveLength(3);
  base.advance(1);
  expect(ran.at(-1)).toBe('d at 1100');
  expect(base.pending).toBe(0);
});

test('setting the clock forward runs timers, and setting it back changes only the reported time', () => {
  clock.after(10, note('a'));
  clock.set(500);
  expect([clock.now(), ran]).toEqual([500, []]);
  base.advance(10);
  expect(ran).toEqual(['a at 510']);
  clock.set(10_000);
  expect(clock.now()).toBe(10_000);
  clock.reset();
  expect(clock.now()).toBe(base.now());
});

describe.each(['advance', 'advanceInTurns'] as const)('with the method %s,', (move) => {
  test('a move by a month runs a loop a limited number of times, and then jumps to its end', async () => {
    let rounds = 0;
    const loop = () => {
      rounds += 1;
      clock.after(1000, loop);
    };
    clock.after(1000, loop);
    const month = 30 * 24 * 3_600_000;
    await clock[move](month);
    expect([clock.now(), rounds]).toEqual([1000 + month, 100_001]);
    base.advance(1000);
    expect(rounds).toBe(100_002);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e15])('a move by %d ms is refused', async (ms) => {
    await expect((async () => clock[move](ms))()).rejects.toThrow('the clock cannot be moved');
    expect(clock.now()).toBe(1000);
  });
});

test('a long move lets other work run in between', async () => {
  let turns = 0;
  const turn = () => {
    turns += 1;
    clock.after(1, turn);
  };
  clock.after(1, turn);
  let others = 0;
  const other = setInterval(() => {
    others += 1;
  }, 0);
  await clock.advanceInTurns(20_000);
  clearInterval(other);
  expect(turns).toBe(20_000);
  expect(others).toBeGreaterThan(0);
});

test('a time that is out of range is refused', () => {
  for (const time of [Number.NaN, -1e300, -1, 1e300]) expect(() => clock.set(time)).toThrow('is not a time between');
  expect(clock.now()).toBe(1000);
});
