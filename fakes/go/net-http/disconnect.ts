// Tells that a client has gone, to those who ask: most answers are made before anybody does, and a signal costs more than they do.

export class Disconnect {
  #controller: AbortController | undefined;
  #hasLeft = false;

  /** Aborted when the client goes away. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#hasLeft) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  leave(): void {
    this.#hasLeft = true;
    this.#controller?.abort();
  }
}
