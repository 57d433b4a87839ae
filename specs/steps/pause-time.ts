// Detects whether a container is paused during a call to the runtime, by gaps in its log.
import type { Subject, TestContainer } from '../subject/subject';
import { expectProgress } from './checkpoint';

/** A command that logs lines as fast as a shell can. */
export const TICKING = ['/bin/sh', '-c', 'while true; do echo; sleep 0.01; done'];

/** Minimum length of a gap, milliseconds. A busy machine also causes gaps, but shorter ones. */
const MIN_GAP_MS = 30;
/** Minimum length of a gap, as a multiple of the usual gap. */
const MIN_GAP_FACTOR = 4;
/** Number of calls. A busy machine is unlikely to cause a gap during each call. */
const TRIES = 8;
/** Number of lines from which the usual gap is determined. */
const WARM_UP_LINES = 8;

const gapsOf = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? time));
const middle = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

/**
 * Returns whether the log of a container has a gap each time `action` runs. The result is `false` after one run without
 * a gap.
 *
 * @param container a container with the command TICKING
 */
export async function pauseOf(
  subject: Subject,
  container: TestContainer,
  action: () => Promise<unknown>,
): Promise<boolean> {
  await expectProgress(subject, container, 'after its start', WARM_UP_LINES);
  for (let tries = 0; tries < TRIES; tries++) {
    const before = (await container.log()).length;
    await action();
    await expectProgress(subject, container, 'after the call');
    const times = (await container.log()).map(({ atMs }) => atMs);
    const usual = middle(gapsOf(times.slice(0, before)));
    const longest = Math.max(...gapsOf(times.slice(before - 1)));
    if (longest < Math.max(MIN_GAP_MS, usual * MIN_GAP_FACTOR)) return false;
  }
  return true;
}
