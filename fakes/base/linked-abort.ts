// Provides an AbortController that follows another signal.

/**
 * An AbortController that is also aborted when an outer signal is aborted, with the same reason. Dispose of it when the
 * work is done. `AbortSignal.any` of Node 20 cannot replace it: the combined signal can miss a timeout, and it leaks
 * memory if the outer signal exists for long.
 */
export class LinkedAbort implements Disposable {
  readonly #own = new AbortController();
  readonly #unlink: () => void;

  constructor(outer: AbortSignal) {
    const pass = () => this.#own.abort(outer.reason);
    this.#unlink = () => outer.removeEventListener('abort', pass);
    if (outer.aborted) pass();
    else outer.addEventListener('abort', pass, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  abort(reason?: unknown): void {
    this.#own.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#unlink();
  }
}
