// Lists of containers and sandboxes, put together from encoded entries.
import type { CriResponseInit } from '../../proto/load';
import type { ContainerInit } from '../../proto/types/runtime/v1/Container';
import type { PodSandboxInit } from '../../proto/types/runtime/v1/PodSandbox';
import { LONGEST_LIST } from './call-log';
import { withBytes } from './encoded';
import type { ListedEntry } from './listed';
import type { Container, Sandbox, Store } from './store';
import { containerItem, sandboxItem } from './views';

/** Entries in one message of a streamed list. */
const PART = 500;

const bytesOf = (items: readonly { readonly listed: ListedEntry }[]) =>
  Buffer.concat(items.map(({ listed }) => listed.bytes));

interface Whole {
  readonly version: number;
  readonly bytes: Buffer;
}

/** The last list of everything, of each store: polls of a node on which nothing happens cost next to nothing. */
const wholes = { containers: new WeakMap<Store, Whole>(), sandboxes: new WeakMap<Store, Whole>() };

function bytesOfList(
  kind: 'containers' | 'sandboxes',
  store: Store,
  items: readonly { listed: ListedEntry }[],
): Buffer {
  if (items.length < Math.max(PART, store[kind].size)) return bytesOf(items);
  const before = wholes[kind].get(store);
  if (before?.version === store.version) return before.bytes;
  const whole = { version: store.version, bytes: bytesOf(items) };
  wholes[kind].set(store, whole);
  return whole.bytes;
}

/** Made only where somebody looks into the list on its way; frozen, since a change in place would be lost. */
const entries = <Item, Entry>(items: readonly Item[], view: (item: Item) => Entry): Entry[] =>
  Object.freeze(items.map(view)) as Entry[];

export function containerList(store: Store, items: readonly Container[]): CriResponseInit<'ListContainers'> {
  const list = {
    get containers(): ContainerInit[] {
      return entries(items, containerItem);
    },
  };
  const first = items.slice(0, LONGEST_LIST).map(containerItem);
  return withBytes(list, bytesOfList('containers', store, items), () => ({ containers: first }));
}

export function sandboxList(store: Store, items: readonly Sandbox[]): CriResponseInit<'ListPodSandbox'> {
  const list = {
    get items(): PodSandboxInit[] {
      return entries(items, sandboxItem);
    },
  };
  const first = items.slice(0, LONGEST_LIST).map(sandboxItem);
  return withBytes(list, bytesOfList('sandboxes', store, items), () => ({ items: first }));
}

/** As sandboxList; the streamed list has another name for the same field. */
export function sandboxPart(items: readonly Sandbox[]): CriResponseInit<'StreamPodSandboxes'> {
  const list = {
    get pod_sandboxes(): PodSandboxInit[] {
      return entries(items, sandboxItem);
    },
  };
  return withBytes(list, bytesOf(items));
}

/** The parts in which a list is streamed; an empty list has none. */
export function* parts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += PART) yield items.slice(start, start + PART);
}
