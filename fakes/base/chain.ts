// Defines interceptors of a function, and combines them into chains.

/** An interceptor of a function. It may respond itself, change the input or the output, or only observe both. */
export type Wrapper<In, Out> = (input: In, next: (input: In) => Promise<Out>) => Promise<Out>;

/**
 * Puts interceptors around a function.
 * @param wrappers the interceptors; the first one is outermost
 */
export function chain<In, Out>(wrappers: readonly Wrapper<In, Out>[], innermost: (input: In) => Promise<Out>) {
  return wrappers.reduceRight<(input: In) => Promise<Out>>(
    (next, wrapper) => (input) => wrapper(input, next),
    innermost,
  );
}
