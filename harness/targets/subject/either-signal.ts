// One signal for two. AbortSignal.any of Node 20 forgets its signal where nobody but the two that it stands for holds it.

/** Aborted with the first of the two, which hold it as long as they are there. */
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
