// The life of calls, of either kind: deadlines, callers that leave, and a runtime that ends.
import type { Metadata } from '@grpc/grpc-js';
import type { Clock } from '../../base/clock';
import { deadlineSeconds } from '../../go/grpc/server';
import { RuntimeError } from '../state/runtime-error';

/**
 * How long a caller has after its deadline to leave by itself (milliseconds). A Go server answers a passed deadline
 * too, but its Go clients have always gone before; others would see an answer where they expect their own error.
 */
const AFTER_DEADLINE_MS = 1000;

/** How long the end of the runtime waits for calls that do not heed their signal (milliseconds). */
const MAX_ENDING_MS = 2000;

/** What of a gRPC call matters here. */
export interface LivingCall {
  readonly metadata: Metadata;
  once(event: 'cancelled', listener: () => void): unknown;
}

export interface CallLife {
  readonly deadlineSeconds: number | undefined;
  /** Aborted when the deadline passes, the caller goes away, or the runtime ends; made for the first who looks. */
  readonly signal: AbortSignal;
  /** Ends the life; `answer` is called at once, or later or never where the caller's deadline has passed. */
  end(answer: () => void): void;
}

/** An AbortController whose signal, which is dear, is made only for those who look at it. */
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

export class CallLives {
  readonly #clock: Clock;
  readonly #running = new Set<LazyAbort>();
  readonly #ending = new Set<Promise<void>>();
  readonly #graces = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(call: LivingCall): CallLife {
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
    // grpc-js says so after every answer, too.
    call.once('cancelled', () => {
      if (this.#running.has(controller)) controller.abort(new RuntimeError('caller-gone', 'context canceled'));
      forget();
    });
    const end = (answer: () => void) => {
      cancel();
      this.#running.delete(controller);
      if (!late) return answer();
      const stop = this.#clock.after(AFTER_DEADLINE_MS, () => {
        this.#graces.delete(stop);
        answer();
      });
      this.#graces.add(stop);
      forget = () => {
        stop();
        this.#graces.delete(stop);
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

  /** Waits for `work` when the runtime ends. */
  follow(work: Promise<void>): void {
    this.#ending.add(work);
    void work.finally(() => this.#ending.delete(work));
  }

  /** Calls that are not answered yet. */
  get running(): number {
    return this.#running.size;
  }

  /** Aborts what is running and waits for its end, so that it can tidy up; no timer is left. */
  async close(): Promise<void> {
    for (const controller of this.#running) {
      controller.abort(new RuntimeError('caller-gone', 'the runtime is shutting down'));
    }
    for (const cancel of this.#graces) cancel();
    this.#graces.clear();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MAX_ENDING_MS);
    });
    await Promise.race([Promise.all(this.#ending), patience]);
    clearTimeout(timer);
  }
}
