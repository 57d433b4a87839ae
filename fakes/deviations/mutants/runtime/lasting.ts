// What a mutant needs that is about several checkpoints at once: that they meet.
import { setTimeout } from 'node:timers/promises';

/** At least as long as a dump by CRIU takes, milliseconds; the fake's own checkpoint takes next to no time. */
const LASTS_MS = 100;

/** The same, but under way for as long as a real checkpoint is, unless it fails or who asked for it leaves. */
export async function lasting<T>(action: Promise<T>, { signal }: { readonly signal: AbortSignal }): Promise<T> {
  const [result] = await Promise.all([action, setTimeout(LASTS_MS, undefined, { signal }).catch(() => {})]);
  return result;
}
