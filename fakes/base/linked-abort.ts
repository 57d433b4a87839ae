// An abort of one piece of work, which ends with what the work belongs to.

/**
 * An AbortController that is also aborted with another signal, for the same reason; to be disposed of when the work is
 * done. AbortSignal.any of Node 20 does not do: it forgets a timeout that nobody else holds, and a signal that lives
 * long keeps a trace of all that was ever made of it.
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
