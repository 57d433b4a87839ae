// Combines two abort signals. AbortSignal.any of Node 20 is not used: its result can be garbage collected before it
// fires.

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
