// What a request asks leave for: the verb of its method and the subresources of `nodes` that its path stands for.
import { gateEnabled, type KubernetesVersion } from '../versions';

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Verb of a method; empty for any other. */
export const verbOf = (method: string): string => VERBS[method] ?? '';

/** Subresources that stand beside `proxy`, tried before it. */
const FINE_GRAINED: readonly (readonly [path: string, subresource: string])[] = [
  ['/pods', 'pods'],
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
  ['/statusz', 'statusz'],
  ['/runningpods', 'pods'],
];
/** Subresources that stand for themselves. */
const OWN: readonly (readonly [path: string, subresource: string])[] = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/checkpoint', 'checkpoint'],
];

const under = (path: string) => (entry: readonly [string, string]) =>
  path === entry[0] || path.startsWith(`${entry[0]}/`);

/**
 * Subresources by which a path may be allowed, in the order in which they are tried; one is enough.
 * @param path with its escapes undone
 */
export function subresourcesOf(path: string, isFineGrained: boolean): readonly string[] {
  const own = OWN.find(under(path))?.[1] ?? 'proxy';
  const fine = isFineGrained ? FINE_GRAINED.find(under(path))?.[1] : undefined;
  return fine === undefined ? [own] : [fine, own];
}

/** Whether a version has the finer subresources. */
export const isFineGrained = (gates: Readonly<Record<string, boolean>>, version: KubernetesVersion): boolean =>
  gateEnabled(gates, 'KubeletFineGrainedAuthz', version);
