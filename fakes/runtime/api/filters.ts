// Filters of lists: which sandboxes, containers and images a list contains.
import type { ContainerFilter } from '../../../proto/types/runtime/v1/ContainerFilter';
import type { ImageFilter } from '../../../proto/types/runtime/v1/ImageFilter';
import type { PodSandboxFilter } from '../../../proto/types/runtime/v1/PodSandboxFilter';
import type { Image } from '../state/images';
import { CONTAINER_STATES, SANDBOX_STATES } from '../state/state';
import type { Container, Sandbox, Store } from '../state/store';

type Labels = Readonly<Record<string, string>>;

/** Returns whether every label of the selector is present with the same value. An empty selector matches everything. */
const hasLabels = (labels: Labels, selector: Labels) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

/**
 * Returns the only id that starts with the given text. If no id or more than one id starts with this text, returns the
 * text itself, which matches nothing.
 */
function fullId(items: ReadonlyMap<string, unknown>, id: string): string {
  if (id === '' || items.has(id)) return id;
  const fits = [...items.keys()].filter((key) => key.startsWith(id));
  return fits.length === 1 ? (fits[0] ?? id) : id;
}

/**
 * Returns the matching sandboxes in the order of their creation. A sandbox matches if all conditions of the filter
 * hold.
 */
export function filterSandboxes(store: Store, filter: PodSandboxFilter | null): Sandbox[] {
  const all = [...store.sandboxes.values()];
  if (!filter) return all;
  const id = fullId(store.sandboxes, filter.id);
  return all.filter(
    (sandbox) =>
      (id === '' || sandbox.id === id) &&
      (!filter.state || filter.state.state === SANDBOX_STATES[sandbox.phase]) &&
      hasLabels(sandbox.config.labels, filter.label_selector),
  );
}

/**
 * Returns the matching containers in the order of their creation. A container matches if all conditions of the filter
 * hold.
 */
export function filterContainers(store: Store, filter: ContainerFilter | null): Container[] {
  const all = [...store.containers.values()];
  if (!filter) return all;
  const id = fullId(store.containers, filter.id);
  const sandbox = fullId(store.sandboxes, filter.pod_sandbox_id);
  return all.filter(
    (container) =>
      (id === '' || container.id === id) &&
      (sandbox === '' || container.sandbox.id === sandbox) &&
      (!filter.state || filter.state.state === CONTAINER_STATES[container.phase]) &&
      hasLabels(container.config.labels, filter.label_selector),
  );
}

/** Returns all images, or only the one that the filter names. */
export function filterImages(store: Store, filter: ImageFilter | null): Image[] {
  const name = filter?.image?.image ?? '';
  if (name === '') return [...store.images.values()];
  const image = store.image(name);
  return image ? [image] : [];
}
