// Lists of containers and sandboxes, put together from encoded entries.
import type { CriResponseInit } from '../../../proto/load';
import type { ContainerInit } from '../../../proto/types/runtime/v1/Container';
import type { ContainerFilter } from '../../../proto/types/runtime/v1/ContainerFilter';
import type { PodSandboxInit } from '../../../proto/types/runtime/v1/PodSandbox';
import type { PodSandboxFilter } from '../../../proto/types/runtime/v1/PodSandboxFilter';
import { MAX_LIST } from '../grpc/call-log';
import { withBytes } from '../grpc/encoded';
import type { ListEntry } from '../state/list-entry';
import type { Container, Sandbox, Store } from '../state/store';
import { filterContainers, filterSandboxes } from './filters';
import { RecentLists } from './recent-lists';
import { containerItem, sandboxItem } from './views';

/** The latest lists of each store: polls of a node on which nothing happens cost next to nothing. */
const lists = new WeakMap<
  Store,
  {
    readonly containers: RecentLists<CriResponseInit<'ListContainers'>>;
    readonly sandboxes: RecentLists<CriResponseInit<'ListPodSandbox'>>;
  }
>();

function recentLists(store: Store) {
  const known = lists.get(store) ?? { containers: new RecentLists(), sandboxes: new RecentLists() };
  lists.set(store, known);
  return known;
}

/** Entries in one message of a streamed list. */
const PART = 500;

const bytesOf = (items: readonly { readonly listEntry: ListEntry }[]) =>
  Buffer.concat(items.map(({ listEntry }) => listEntry.bytes));

/** Made only where somebody looks into the list on its way; frozen, since a change in place would be lost. */
const entries = <Item, Entry>(items: readonly Item[], view: (item: Item) => Entry): Entry[] =>
  Object.freeze(items.map(view)) as Entry[];

/** A filter that asks for nothing but a state, whose answer may be asked for again: the state, or nothing for all. */
function stateAlone(filter: ContainerFilter | PodSandboxFilter | null): string | undefined {
  if (!filter) return '';
  const isOpen = filter.id === '' && !('pod_sandbox_id' in filter && filter.pod_sandbox_id !== '');
  const selects = Object.keys(filter.label_selector).length > 0;
  return isOpen && !selects ? (filter.state?.state ?? '') : undefined;
}

export function containerList(store: Store, filter: ContainerFilter | null): CriResponseInit<'ListContainers'> {
  return recentLists(store).containers.answer(store.version, stateAlone(filter), () => {
    const items = filterContainers(store, filter);
    const first = items.slice(0, MAX_LIST).map(containerItem);
    const list = {
      get containers(): ContainerInit[] {
        return entries(items, containerItem);
      },
    };
    return { list, bytes: bytesOf(items), summary: { containers: first } };
  });
}

export function sandboxList(store: Store, filter: PodSandboxFilter | null): CriResponseInit<'ListPodSandbox'> {
  return recentLists(store).sandboxes.answer(store.version, stateAlone(filter), () => {
    const items = filterSandboxes(store, filter);
    const first = items.slice(0, MAX_LIST).map(sandboxItem);
    const list = {
      get items(): PodSandboxInit[] {
        return entries(items, sandboxItem);
      },
    };
    return { list, bytes: bytesOf(items), summary: { items: first } };
  });
}

/** A part of a streamed list. */
export function containerPart(items: readonly Container[]): CriResponseInit<'StreamContainers'> {
  const list = {
    get containers(): ContainerInit[] {
      return entries(items, containerItem);
    },
  };
  return withBytes(list, bytesOf(items));
}

/** As containerPart; the streamed list has another name for the same field. */
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
