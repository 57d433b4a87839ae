// Polls until a condition holds.
import { setTimeout } from 'node:timers/promises';

/** Polling interval, milliseconds. */
const ASK_AGAIN_MS = 20;

/**
 * Polls until the condition holds or the time is over.
 *
 * @param patienceMs time limit, milliseconds
 * @returns whether the condition held, and the last value
 */
export async function poll<T>(
  probe: () => Promise<T>,
  condition: (value: T) => boolean,
  patienceMs: number,
): Promise<readonly [met: boolean, value: T]> {
  for (const end = performance.now() + patienceMs; ; await setTimeout(ASK_AGAIN_MS)) {
    const value = await probe();
    if (condition(value)) return [true, value];
    if (performance.now() > end) return [false, value];
  }
}
