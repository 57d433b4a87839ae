// Selects rows of the logs by method, namespace, pod and container, with the same patterns as the rules of a fault plan.
import { criFacts, type Facts, httpFacts, type Lookup, type Subject } from '../../faults/facts';
import { matchesPattern } from '../../faults/matcher';
import type { HttpRecord } from '../../kubelet/request-log';
import type { CallRecord } from '../../runtime/grpc/call-log';
import type { Controlled } from './controlled';

const SUBJECT_KEYS = ['namespace', 'pod', 'container'] as const satisfies readonly Subject[];

export const FILTER_KEYS = ['method', ...SUBJECT_KEYS] as const;

/** Finds sandboxes and containers by id: those that exist, and those that logged calls created. */
function lookup(target: Controlled, calls: readonly CallRecord[]): Lookup {
  const { sandboxes, containers } = target.state().runtime;
  const sandboxNames = new Map(sandboxes.map(({ id, name, namespace }) => [id, { name, namespace }]));
  const containerNames = new Map(containers.map(({ id, name, sandboxId }) => [id, { name, sandboxId }]));
  for (const { method, request, response } of calls as readonly CreatingCall[]) {
    const { name = '', namespace = '' } = request.config?.metadata ?? {};
    if (method === 'RunPodSandbox' && response?.pod_sandbox_id)
      sandboxNames.set(response.pod_sandbox_id, { name, namespace });
    if (method === 'CreateContainer' && response?.container_id)
      containerNames.set(response.container_id, { name, sandboxId: request.pod_sandbox_id ?? '' });
  }
  const find = <V>(all: ReadonlyMap<string, V>, id: string): V | undefined =>
    all.get(id) ?? [...all].find(([known]) => known.startsWith(id))?.[1];
  return { sandbox: (id) => find(sandboxNames, id), container: (id) => find(containerNames, id), imageNames: () => [] };
}

/** The fields of the calls that create something. */
interface CreatingCall {
  readonly method: string;
  readonly request: {
    readonly config?: { readonly metadata?: { readonly name?: string; readonly namespace?: string } };
    readonly pod_sandbox_id?: string;
  };
  readonly response?: { readonly pod_sandbox_id?: string; readonly container_id?: string };
}

/**
 * Returns the logged calls and requests that match a query. A missing parameter matches everything.
 * @param query values of FILTER_KEYS; `*` stands for any number of characters
 */
export function selectedRows(
  target: Controlled,
  query: URLSearchParams,
): { readonly calls: readonly CallRecord[]; readonly requests: readonly HttpRecord[] } {
  const [calls, requests] = [target.calls(), target.requests()];
  if (query.size === 0) return { calls, requests };
  const method = query.get('method');
  const subjects = SUBJECT_KEYS.flatMap((key) => query.getAll(key).map((pattern) => ({ key, pattern })));
  const known = lookup(target, calls);
  const isSelected = (facts: Facts) =>
    (method === null || matchesPattern(method, facts.method)) &&
    subjects.every(({ key, pattern }) => facts.of(key).some((name) => matchesPattern(pattern, name)));
  return {
    calls: calls.filter((call) => isSelected(criFacts(call, () => known))),
    requests: requests.filter((request) => isSelected(httpFacts(request))),
  };
}
