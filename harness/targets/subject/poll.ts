// Asks again until a condition holds.
import { setTimeout } from 'node:timers/promises';

/** How often a condition is asked for again, milliseconds. */
const ASK_AGAIN_MS = 20;

/** Asks until the condition holds or the time is over; says whether it held, and the last answer. */
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
