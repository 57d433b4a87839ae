// Keeps the children of a process, and the children for which it waits.
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
  // The running children. The set is created with the first child, because most processes have none.
  #all: Set<C> | undefined;
  #waiting: C | 'all' | undefined;

  add(child: C): C {
    this.#all ??= new Set();
    this.#all.add(child);
    return child;
  }

  /** Whether the process waits for one child or for all of them. */
  get areWaitedFor(): boolean {
    return this.#waiting !== undefined;
  }

  /** The PID of the child for which the process waits, `all` if it waits for all children, or undefined. */
  get waiting(): ProcessState['waiting'] {
    return typeof this.#waiting === 'object' ? this.#waiting.pid : this.#waiting;
  }

  waitFor(child: C): void {
    this.#waiting = child;
  }

  /** Waits for all children, if there are any. */
  waitForAll(): void {
    if (this.#all?.size) this.#waiting = 'all';
  }

  /**
   * Removes a child that has exited.
   * @returns `one` if the process was waiting for this child; `all` if it was waiting for all children and this was the
   * last one; else undefined
   */
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

  /** The processes of all children and their descendants. */
  get processes(): ProcessView[] {
    return [...(this.#all ?? [])].flatMap((child) => child.processes);
  }
}
