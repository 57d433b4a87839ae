// Starts and keeps the nodes of a target. Each set of circumstances has its own node, which is started on first use.

import { errorText } from '../../../fakes/base/error-text';
import { Unsupported } from '../../../specs/subject/expect';
import type { Circumstances } from '../../../specs/subject/subject';
import { eitherSignal } from '../subject/either-signal';

/** A node in the pool. */
export interface PooledNode {
  /** Why the node's kubelet exited on its own, or undefined while it runs. */
  ended(): string | undefined;
  close(): Promise<void>;
}

export interface NodePoolOptions<T extends PooledNode> {
  /** Starts a node. `number` counts from 1. */
  readonly start: (circumstances: Circumstances, number: number, signal: AbortSignal) => Promise<T>;
  /** Whether only one node may run at a time. */
  readonly isExclusive: boolean;
  /** If aborted, the pool starts no more nodes. */
  readonly signal?: AbortSignal;
}

/** Identifies a user of nodes, such as a spec, which releases all its nodes at once. */
export type Holder = object;

interface Entry<T> {
  readonly node: Promise<T>;
  readonly holders: Set<Holder>;
}

const keyOf = (circumstances: Circumstances) => JSON.stringify(Object.entries(circumstances).sort());

export class NodePool<T extends PooledNode> {
  readonly #options: NodePoolOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #closing = new AbortController();
  readonly #over: AbortSignal;
  /** The circumstances whose node failed to start once. */
  readonly #failed = new Set<string>();
  /** The keys of nodes that failed to start after an earlier failure. These nodes are not started again. */
  readonly #broken = new Set<string>();
  #started = 0;
  /** A promise of the last change of the entries. Each change waits for the previous one. */
  #turn: Promise<unknown> = Promise.resolve();
  #released: (() => void)[] = [];

  constructor(options: NodePoolOptions<T>) {
    this.#options = options;
    this.#over = eitherSignal(options.signal, this.#closing.signal);
  }

  /**
   * Returns the node for the circumstances.
   *
   * @throws Error if the node failed to start (later callers get the same error after one retry) or if it has exited
   */
  async lease(circumstances: Circumstances, holder: Holder): Promise<T> {
    const started = await (await this.#entry(keyOf(circumstances), circumstances, holder)).node;
    const ended = started.ended();
    if (ended !== undefined) throw new Error(ended);
    return started;
  }

  release(holder: Holder): void {
    for (const { holders } of this.#entries.values()) holders.delete(holder);
    for (const wake of this.#released.splice(0)) wake();
  }

  /** Closes all nodes, including nodes that are starting. Rejects with the first error. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const wake of this.#released.splice(0)) wake();
    const closed = await Promise.allSettled([...this.#entries.values()].map(closeEntry));
    const failed = closed.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #entry(key: string, circumstances: Circumstances, holder: Holder): Promise<Entry<T>> {
    const held = this.#entries.get(this.#keyFor(key, holder));
    // Do not wait in the queue: the first change in the queue may be waiting until this holder releases its nodes.
    if (held?.holders.has(holder)) return Promise.resolve(held);
    const turn = this.#turn.then(() => this.#inTurn(key, circumstances, holder));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /**
   * Returns the key of the node that the holder already uses for the circumstances. Otherwise returns the first key
   * whose node is unused, has failed twice, or does not exist yet.
   */
  #keyFor(circumstances: string, holder: Holder): string {
    const keys = Array.from({ length: this.#entries.size + 1 }, (_, number) => `${circumstances} ${number}`);
    const holdersOf = (key: string) => this.#entries.get(key)?.holders ?? new Set<Holder>();
    const isFree = (key: string) => holdersOf(key).size === 0 || this.#broken.has(key);
    return keys.find((key) => holdersOf(key).has(holder)) ?? keys.find(isFree) ?? circumstances;
  }

  async #inTurn(wanted: string, circumstances: Circumstances, holder: Holder): Promise<Entry<T>> {
    // If only one node may run, the next holder waits for it.
    const key = this.#options.isExclusive ? `${wanted} 0` : this.#keyFor(wanted, holder);
    const known = this.#entries.get(key);
    if (!known && this.#options.isExclusive) await this.#makeRoom(holder);
    // A spec that exceeded its time limit continues until its next step, but must not start a node.
    if (this.#over.aborted) throw new Error('the run is over');
    const entry = known ?? { node: this.#start(key, wanted, circumstances), holders: new Set<Holder>() };
    entry.holders.add(holder);
    this.#entries.set(key, entry);
    return entry;
  }

  #start(key: string, wanted: string, circumstances: Circumstances): Promise<T> {
    this.#started += 1;
    const node = this.#options.start(circumstances, this.#started, this.#over);
    node.catch(() => {
      if (this.#failed.has(wanted)) this.#broken.add(key);
      else this.#entries.delete(key);
      this.#failed.add(wanted);
    });
    return node;
  }

  async #makeRoom(holder: Holder): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (entry.holders.has(holder))
        throw new Unsupported(
          'the rule needs two kubelets at once, and the runtime of this target supports only one at a time',
        );
      while (entry.holders.size > 0 && !this.#over.aborted)
        await new Promise<void>((resolve) => this.#released.push(resolve));
      this.#entries.delete(key);
      await closeEntry(entry).catch((error: unknown) => {
        throw new Error(`the previous kubelet could not be stopped: ${errorText(error)}`);
      });
    }
  }
}

/**
 * Closes the node of an entry. If the node failed to start, there is nothing to close, because `start` has removed
 * everything that it created.
 */
async function closeEntry<T extends PooledNode>({ node }: Entry<T>): Promise<void> {
  const started = await node.catch(() => undefined);
  await started?.close();
}
