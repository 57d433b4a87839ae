// GetContainerEvents: sends every change of a phase to all subscribers. A slow subscriber does not delay the others.
import type { CriResponseInit } from '../../../proto/load';
import type { Clock } from '../../base/clock';
import { nanoseconds } from '../../go/time';
import { RuntimeError } from '../state/runtime-error';
import type { Change, Store } from '../state/store';
import { containerStatus, sandboxStatus } from './views';

export type ContainerEvent = CriResponseInit<'GetContainerEvents'>;

/**
 * Maximum number of unread events of a subscriber. If there are more, the subscriber is disconnected. It must then list
 * all containers again, as kubelets do.
 */
const MAX_QUEUE = 10_000;

interface Subscriber {
  readonly queue: ContainerEvent[];
  wake(): void;
  tooSlow: boolean;
}

/** Distributes container events to the subscribers of GetContainerEvents. */
export class EventHub {
  readonly #clock: Clock;
  readonly #subscribers = new Set<Subscriber>();

  /** @param sends whether events are sent; if not, subscriptions stay open without events */
  constructor(store: Store, clock: Clock, sends = true) {
    this.#clock = clock;
    if (sends) store.watchers.add((change) => this.#publish(change));
  }

  /** The number of subscribers. */
  get subscribers(): number {
    return this.#subscribers.size;
  }

  /**
   * Returns an iterator over the events that happen from now on.
   * @throws the signal's reason when it is aborted; RuntimeError if the subscriber reads too slowly
   */
  subscribe(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const subscriber: Subscriber = { queue: [], wake: () => {}, tooSlow: false };
    this.#subscribers.add(subscriber);
    const onAbort = () => subscriber.wake();
    signal.addEventListener('abort', onAbort);
    return this.#read(subscriber, signal, onAbort);
  }

  async *#read(subscriber: Subscriber, signal: AbortSignal, onAbort: () => void): AsyncGenerator<ContainerEvent> {
    try {
      for (;;) {
        signal.throwIfAborted();
        if (subscriber.tooSlow) {
          throw new RuntimeError('full', `more than ${MAX_QUEUE} events were unread; list again and subscribe again`);
        }
        const events = subscriber.queue.splice(0);
        yield* events;
        if (subscriber.queue.length > 0 || subscriber.tooSlow || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          subscriber.wake = resolve;
        });
      }
    } finally {
      this.#subscribers.delete(subscriber);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #publish({ kind, id, sandbox }: Change): void {
    if (this.#subscribers.size === 0) return;
    const event: ContainerEvent = {
      container_id: id,
      container_event_type: kind,
      created_at: nanoseconds(this.#clock.now()),
      pod_sandbox_status: sandboxStatus(sandbox),
      containers_statuses: [...sandbox.containers].map(containerStatus),
    };
    for (const subscriber of this.#subscribers) {
      if (subscriber.queue.length >= MAX_QUEUE) subscriber.tooSlow = true;
      else subscriber.queue.push(event);
      subscriber.wake();
    }
  }
}
