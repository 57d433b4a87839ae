// Interceptors of a function, and chains of them.

/**
 * Intercepts the calls of a function. An interceptor may respond itself, change the input or the output, or only
 * observe them.
 */
export type Wrapper<In, Out> = (input: In, next: (input: In) => Promise<Out>) => Promise<Out>;

/**
 * Puts interceptors around a function.
 * @param wrappers the interceptors; the first one is the outermost
 */
export function chain<In, Out>(wrappers: readonly Wrapper<In, Out>[], innermost: (input: In) => Promise<Out>) {
  return wrappers.reduceRight<(input: In) => Promise<Out>>(
    (next, wrapper) => (input) => wrapper(input, next),
    innermost,
  );
}
