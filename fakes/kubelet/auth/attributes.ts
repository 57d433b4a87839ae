// Determines the permission that a request needs: a verb for its method, and subresources of `nodes` for its path.
import { gateEnabled, type KubernetesVersion } from '../versions';

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Returns the verb of an HTTP method; an empty string for an unknown method. */
export const verbOf = (method: string): string => VERBS[method] ?? '';

/** Subresources that are reviewed before `proxy` if the kubelet has fine-grained authorization. */
const FINE_GRAINED: readonly (readonly [path: string, subresource: string])[] = [
  ['/pods', 'pods'],
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
  ['/statusz', 'statusz'],
  ['/runningpods', 'pods'],
];
/** Subresources that are reviewed instead of `proxy`. */
const INSTEAD_OF_PROXY: readonly (readonly [path: string, subresource: string])[] = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/checkpoint', 'checkpoint'],
];

const under = (path: string) => (entry: readonly [string, string]) =>
  path === entry[0] || path.startsWith(`${entry[0]}/`);

/**
 * Returns the subresources of a path in the order in which they are reviewed. A user needs permission for only one of
 * them.
 * @param path path of the request, without percent-encoding
 */
export function subresourcesOf(path: string, isFineGrained: boolean): readonly string[] {
  const coarse = INSTEAD_OF_PROXY.find(under(path))?.[1] ?? 'proxy';
  const fine = isFineGrained ? FINE_GRAINED.find(under(path))?.[1] : undefined;
  return fine === undefined ? [coarse] : [fine, coarse];
}

/** Returns whether a version of the kubelet has fine-grained authorization. */
export const isFineGrained = (gates: Readonly<Record<string, boolean>>, version: KubernetesVersion): boolean =>
  gateEnabled(gates, 'KubeletFineGrainedAuthz', version);
