// Combines two abort signals. Replaces `AbortSignal.any`, whose result Node 20 can garbage-collect before it fires.

/** Returns a signal that is aborted with the first of two signals. */
export function eitherSignal(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  if (one === undefined) return other;
  const either = new AbortController();
  for (const signal of [one, other]) {
    const pass = () => either.abort(signal.reason);
    if (signal.aborted) pass();
    else signal.addEventListener('abort', pass, { once: true });
  }
  return either.signal;
}
