// How long a container stands still while something is asked of the runtime, as its own log tells.
import type { Subject, TestContainer } from '../subject/subject';
import { expectProgress } from './checkpoint';

/** Writes a line as often as a shell can. */
export const TICKING = ['/bin/sh', '-c', 'while true; do echo; sleep 0.01; done'];

/** Shorter gaps in the log come from a busy machine as well; milliseconds. */
const SHORTEST_STANDSTILL_MS = 30;
/** How many times the usual gap one has to be to count. */
const TIMES_THE_USUAL = 4;
/** A machine that is busy all the time would have to make each of these look like a standstill. */
const TRIES = 8;
/** Lines by which the usual gap is known. */
const WARMING_UP = 8;

const gapsOf = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? time));
const middle = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

/**
 * Whether the container stands still each time that `action` is done: its log then has a gap. One time without a gap is
 * enough to say no. The container has to be a ticking one.
 */
export async function pauseOf(
  subject: Subject,
  container: TestContainer,
  action: () => Promise<unknown>,
): Promise<boolean> {
  await expectProgress(subject, container, 'after its start', WARMING_UP);
  for (let tries = 0; tries < TRIES; tries++) {
    const before = (await container.log()).length;
    await action();
    await expectProgress(subject, container, 'after the call');
    const times = (await container.log()).map(({ atMs }) => atMs);
    const usual = middle(gapsOf(times.slice(0, before)));
    const longest = Math.max(...gapsOf(times.slice(before - 1)));
    if (longest < Math.max(SHORTEST_STANDSTILL_MS, usual * TIMES_THE_USUAL)) return false;
  }
  return true;
}
