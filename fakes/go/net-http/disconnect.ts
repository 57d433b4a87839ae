// An abort signal that is made only when it is used: most responses do not need one, and it costs more than they do.

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

  /** Aborts the signal, also if it is made later. */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }
}
