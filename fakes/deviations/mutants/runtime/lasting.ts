// Extends checkpoints for mutants about concurrency, so that concurrent checkpoints overlap.
import { setTimeout } from 'node:timers/promises';

/**
 * Minimum duration of a checkpoint, milliseconds: about as long as a dump by CRIU. The fake's own checkpoint takes
 * almost no time.
 */
const LASTS_MS = 100;

/**
 * Delays the result of an action until the duration of a real checkpoint has passed, unless the action fails or its
 * client disconnects.
 */
export async function lasting<T>(action: Promise<T>, { signal }: { readonly signal: AbortSignal }): Promise<T> {
  const [result] = await Promise.all([action, setTimeout(LASTS_MS, undefined, { signal }).catch(() => {})]);
  return result;
}
