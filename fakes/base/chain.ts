// Wrappers around one step, and how several are chained.

/** A wrapper around one wire: it may answer itself, change what goes in or what comes out, or just look. */
export type Wrapper<In, Out> = (input: In, next: (input: In) => Promise<Out>) => Promise<Out>;

/** Puts wrappers around an innermost step, the first one outermost. */
export function chain<In, Out>(wrappers: readonly Wrapper<In, Out>[], innermost: (input: In) => Promise<Out>) {
  return wrappers.reduceRight<(input: In) => Promise<Out>>(
    (next, wrapper) => (input) => wrapper(input, next),
    innermost,
  );
}
