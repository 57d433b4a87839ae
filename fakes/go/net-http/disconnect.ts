// Provides an abort signal that is created only when it is used. Most requests do not need the signal, and creating it
// takes longer than the rest of their handling.

/** Reports that a client has disconnected. */
export class Disconnect {
  #controller: AbortController | undefined;
  #isAborted = false;

  /** Aborted when the client disconnects. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Aborts the signal, even if it is created later. */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }
}
