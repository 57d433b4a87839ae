// Tracks running calls: their deadlines, clients that disconnect, and the shutdown of the runtime.
import type { Metadata } from '@grpc/grpc-js';
import type { Clock } from '../../base/clock';
import { deadlineSeconds } from '../../go/grpc/server';
import { RuntimeError } from '../state/runtime-error';

/**
 * How long the response to a late call is delayed, milliseconds, so that the client can end the call with its own
 * error. Clients in Go always end the call before a server's response reaches them, but other clients may be slower.
 */
const AFTER_DEADLINE_MS = 1000;

/** How long the shutdown waits for calls that ignore their signal, milliseconds. */
const MAX_SHUTDOWN_MS = 2000;

/** The part of a gRPC call that this module needs. */
export interface TrackedCall {
  readonly metadata: Metadata;
  once(event: 'cancelled', listener: () => void): unknown;
}

/** A running call. */
export interface CallLife {
  /** Seconds from the start of the call to its deadline; undefined if the client set none. */
  readonly deadlineSeconds: number | undefined;
  /** Aborted when the deadline passes, the client disconnects, or the runtime shuts down. */
  readonly signal: AbortSignal;
  /**
   * Ends the call.
   *
   * @param answer sends the response. It is called at once, unless the deadline has passed: then it is called after a
   * delay or not at all
   */
  end(answer: () => void): void;
}

/** An AbortController that creates its signal when it is first read, because most calls never read it. */
class LazyAbort {
  #controller: AbortController | undefined;
  #reason: RuntimeError | undefined;

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: RuntimeError): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}

/** All running calls. */
export class CallLives {
  readonly #clock: Clock;
  readonly #running = new Set<LazyAbort>();
  readonly #unfinished = new Set<Promise<void>>();
  /** Functions that cancel the delayed responses. */
  readonly #heldBack = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts to track a call. */
  begin(call: TrackedCall): CallLife {
    const seconds = deadlineSeconds(call.metadata);
    const controller = new LazyAbort();
    this.#running.add(controller);
    let late = false;
    let forget = () => {};
    const onDeadline = () => {
      late = true;
      controller.abort(new RuntimeError('deadline-passed', 'context deadline exceeded'));
    };
    const cancel = seconds === undefined ? () => {} : this.#clock.after(seconds * 1000, onDeadline);
    // grpc-js emits this event after every response as well.
    call.once('cancelled', () => {
      if (this.#running.has(controller)) controller.abort(new RuntimeError('caller-gone', 'context canceled'));
      forget();
    });
    const end = (answer: () => void) => {
      cancel();
      this.#running.delete(controller);
      if (!late) return answer();
      const stop = this.#clock.after(AFTER_DEADLINE_MS, () => {
        this.#heldBack.delete(stop);
        answer();
      });
      this.#heldBack.add(stop);
      forget = () => {
        stop();
        this.#heldBack.delete(stop);
      };
    };
    return {
      deadlineSeconds: seconds,
      get signal() {
        return controller.signal;
      },
      end,
    };
  }

  /** Makes `close` wait for a promise. */
  follow(work: Promise<void>): void {
    this.#unfinished.add(work);
    void work.finally(() => this.#unfinished.delete(work));
  }

  /** The number of calls without a response. */
  get running(): number {
    return this.#running.size;
  }

  /** Aborts all running calls and waits until they have cleaned up. Leaves no timer behind. */
  async close(): Promise<void> {
    for (const controller of this.#running) {
      controller.abort(new RuntimeError('caller-gone', 'the runtime is shutting down'));
    }
    for (const cancel of this.#heldBack) cancel();
    this.#heldBack.clear();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MAX_SHUTDOWN_MS);
    });
    await Promise.race([Promise.all(this.#unfinished), timeout]);
    clearTimeout(timer);
  }
}
