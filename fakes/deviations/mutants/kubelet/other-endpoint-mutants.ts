// Defines kubelets whose other endpoints are wrong: metrics, pod lists, health, configuration and the read-only port.

import type { HttpRequest, HttpResponse, HttpWrapper } from '../../../go/net-http/exchange';
import type { FakeKubeletOptions } from '../../../kubelet/server';
import { type DeviationTable, deviations } from '../../deviation';
import { isCheckpoint } from '../../effects/http-effects';

const ADMIN = { name: 'admin', groups: ['system:masters'] };
const FROM_RUNTIME = /rpc error: code = /;
const COUNTED = 'kubelet_runtime_operations_total{operation_type="checkpoint_container"}';
const INFLIGHT = /^(kubelet_http_inflight_requests\{[^}]*method="POST",path="checkpoint"[^}]*\}) .*$/m;

const pathOf = ({ target }: HttpRequest) => target.split('?')[0] ?? '';

/** Makes an interceptor that changes the body of each successful response of one path. */
const at =
  (path: string, change: (body: string) => string): HttpWrapper =>
  async (request, next) => {
    const response = await next(request);
    return pathOf(request) === path && response.status === 200
      ? { ...response, body: change(response.body) }
      : response;
  };

/**
 * Makes an interceptor that changes the metrics. The change depends on how many earlier checkpoint requests matched.
 */
function counting(
  counts: (response: HttpResponse, request: HttpRequest) => boolean,
  change: (body: string, count: number) => string,
): HttpWrapper {
  let count = 0;
  const metrics = at('/metrics', (body) => change(body, count));
  return async (request, next) => {
    if (!isCheckpoint(request)) return metrics(request, next);
    const response = await next(request);
    if (counts(response, request)) count += 1;
    return response;
  };
}

const lines = (body: string, keeps: (line: string) => boolean) => body.split('\n').filter(keeps).join('\n');

/** Removes pods with these names from a list. */
function withoutPods(body: string, names: ReadonlySet<string>): string {
  const list: unknown = JSON.parse(body);
  if (typeof list !== 'object' || list === null || !('items' in list) || !Array.isArray(list.items)) return body;
  const isKept = (item: unknown) => ![...names].some((name) => JSON.stringify(item).includes(`"name":"${name}"`));
  return JSON.stringify({ ...list, items: list.items.filter(isKept) });
}

const metrics = {
  'kubelet-counts-no-checkpoints': [
    'Has no metrics of checkpoints',
    () => ({ http: at('/metrics', (body) => lines(body, (line) => !line.includes('"checkpoint_container"'))) }),
  ],
  'kubelet-counts-no-errors': [
    'Does not count errors of the runtime',
    () => ({ http: at('/metrics', (body) => lines(body, (line) => !/^kubelet_runtime_operations_errors/.test(line))) }),
  ],
  'kubelet-counts-refused': [
    'Counts requests that it refuses as operations of the runtime',
    () => ({
      http: counting(
        ({ status }) => status >= 400 && status < 500,
        (body, count) => `${body}${COUNTED} ${count}\n`,
      ),
    }),
  ],
  'kubelet-counts-checkpoints-under-others': [
    'Counts checkpoints among requests for unknown paths',
    () => ({ http: at('/metrics', (body) => body.replaceAll('path="checkpoint"', 'path="others"')) }),
  ],
  'kubelet-counts-none-in-flight': [
    'Does not count requests in flight',
    () => ({ http: at('/metrics', (body) => body.replace(INFLIGHT, '$1 0')) }),
  ],
  'kubelet-in-flight-for-ever': [
    'Counts finished requests among those in flight',
    () => ({
      http: counting(
        (_, { method }) => method === 'POST',
        (body, count) =>
          body.replace(
            /^(kubelet_http_inflight_requests\{.*)$/m,
            `$1\nkubelet_http_inflight_requests{method="POST",path="checkpoint",server_type="readwrite"} ${count}`,
          ),
      ),
    }),
  ],
} satisfies DeviationTable;

const otherPaths = {
  'kubelet-forgets-checkpointed-pods': [
    'Leaves checkpointed pods out of its pod lists',
    () => {
      const checkpointed = new Set<string>();
      return {
        http: async (request, next) => {
          const response = await next(request);
          if (isCheckpoint(request) && response.status === 200) checkpointed.add(pathOf(request).split('/')[3] ?? '');
          const isList = /^\/(running)?pods\/?$/.test(pathOf(request)) && response.status === 200;
          return isList ? { ...response, body: withoutPods(response.body, checkpointed) } : response;
        },
      };
    },
  ],
  'kubelet-unhealthy-after-errors': [
    'Reports that it is unhealthy after an error of the runtime',
    () => {
      let failed = false;
      return {
        http: async (request, next) => {
          const response = await next(request);
          failed ||= FROM_RUNTIME.test(response.body);
          const isHealth = response.status === 200 && pathOf(request).startsWith('/healthz');
          return failed && isHealth ? { ...response, status: 500 } : response;
        },
      };
    },
  ],
  'kubelet-health-for-everybody': [
    'Reports its health to unauthenticated clients',
    () => ({
      http: (request, next) => next(pathOf(request).startsWith('/healthz') ? { ...request, user: ADMIN } : request),
    }),
  ],
  'kubelet-configz-lies': [
    'Reports a wrong default timeout in /configz',
    () => ({ http: at('/configz', (body) => body.replace(/("runtimeRequestTimeout":")[^"]*/, '$11m0s')) }),
  ],
  'kubelet-checkpoint-on-read-only-port': [
    'Serves checkpoints on the read-only port, as 1.30.0 did',
    () => ({
      kubelet: (options: FakeKubeletOptions) =>
        (options.configuration?.readOnlyPort ?? 0) > 0 ? { ...options, kubernetesVersion: '1.30.0' } : options,
    }),
  ],
  'kubelet-refuses-api-servers': [
    'Refuses requests of API servers',
    () => ({
      http: async (request, next) =>
        request.user?.name === 'kube-apiserver-kubelet-client'
          ? { status: 403, headers: [], body: 'Forbidden\n' }
          : next(request),
    }),
  ],
} satisfies DeviationTable;

export const otherEndpointMutants = deviations('mutant', { ...metrics, ...otherPaths });
