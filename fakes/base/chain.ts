// Wrappers around a function, and how several of them are chained.

/** Wraps a function: it may respond itself, change the input or the output, or only observe them. */
export type Wrapper<In, Out> = (input: In, next: (input: In) => Promise<Out>) => Promise<Out>;

/**
 * Puts wrappers around a function.
 *
 * @param wrappers the first one is the outermost
 */
export function chain<In, Out>(wrappers: readonly Wrapper<In, Out>[], innermost: (input: In) => Promise<Out>) {
  return wrappers.reduceRight<(input: In) => Promise<Out>>(
    (next, wrapper) => (input) => wrapper(input, next),
    innermost,
  );
}
