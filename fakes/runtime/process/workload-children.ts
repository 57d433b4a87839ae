// The children of a process, and which of them it waits for.
import type { ProcessView } from './workload-parts';
import type { ProcessState } from './workload-state';

interface Child {
  readonly pid: number;
  readonly processes: readonly ProcessView[];
  freeze(): void;
  thaw(): void;
  stop(): void;
}

export class Children<C extends Child> {
  // Made for the first child: most processes have none.
  #all: Set<C> | undefined;
  #waiting: C | 'all' | undefined;

  add(child: C): C {
    this.#all ??= new Set();
    this.#all.add(child);
    return child;
  }

  /** Whether the process stands still until one child has ended, or all. */
  get areWaitedFor(): boolean {
    return this.#waiting !== undefined;
  }

  /** The pid of the one that is waited for. */
  get waiting(): ProcessState['waiting'] {
    return typeof this.#waiting === 'object' ? this.#waiting.pid : this.#waiting;
  }

  waitFor(child: C): void {
    this.#waiting = child;
  }

  /** Where there are any. */
  waitForAll(): void {
    if (this.#all?.size) this.#waiting = 'all';
  }

  /** Takes out one that has ended; what came to an end with that: the wait for this one, that for all, or nothing. */
  ended(child: C): 'one' | 'all' | undefined {
    this.#all?.delete(child);
    const isOne = this.#waiting === child;
    if (!isOne && (this.#waiting !== 'all' || this.#all?.size)) return undefined;
    this.#waiting = undefined;
    return isOne ? 'one' : 'all';
  }

  freeze(): void {
    for (const child of this.#all ?? []) child.freeze();
  }

  thaw(): void {
    for (const child of this.#all ?? []) child.thaw();
  }

  stop(): void {
    for (const child of this.#all ?? []) child.stop();
    this.#all = undefined;
  }

  /** They and theirs. */
  get processes(): ProcessView[] {
    return [...(this.#all ?? [])].flatMap((child) => child.processes);
  }
}
