// Broken kubelets, in what stands around the endpoint: metrics, lists, health, configuration, the read-only port.

import type { HttpRequest, HttpResponse, HttpWrapper } from '../../../go/net-http/exchange';
import type { FakeKubeletOptions } from '../../../kubelet/server';
import { type DeviationTable, deviations } from '../../deviation';
import { isCheckpoint } from '../../effects/http-effects';

const ADMIN = { name: 'admin', groups: ['system:masters'] };
const FROM_RUNTIME = /rpc error: code = /;
const COUNTED = 'kubelet_runtime_operations_total{operation_type="checkpoint_container"}';
const INFLIGHT = /^(kubelet_http_inflight_requests\{[^}]*method="POST",path="checkpoint"[^}]*\}) .*$/m;

const pathOf = ({ target }: HttpRequest) => target.split('?')[0] ?? '';

/** Changes what stands at a path. */
const at =
  (path: string, change: (body: string) => string): HttpWrapper =>
  async (request, next) => {
    const response = await next(request);
    return pathOf(request) === path && response.status === 200
      ? { ...response, body: change(response.body) }
      : response;
  };

/** Changes the metrics by what was answered to requests for checkpoints before. */
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

/** A list without pods of these names. */
function withoutPods(body: string, names: ReadonlySet<string>): string {
  const list: unknown = JSON.parse(body);
  if (typeof list !== 'object' || list === null || !('items' in list) || !Array.isArray(list.items)) return body;
  const isKept = (item: unknown) => ![...names].some((name) => JSON.stringify(item).includes(`"name":"${name}"`));
  return JSON.stringify({ ...list, items: list.items.filter(isKept) });
}

const metrics = {
  'kubelet-counts-no-checkpoints': [
    'has no metrics of checkpoints',
    () => ({ http: at('/metrics', (body) => lines(body, (line) => !line.includes('"checkpoint_container"'))) }),
  ],
  'kubelet-counts-no-errors': [
    'counts no errors of the runtime',
    () => ({ http: at('/metrics', (body) => lines(body, (line) => !/^kubelet_runtime_operations_errors/.test(line))) }),
  ],
  'kubelet-counts-refused': [
    'counts requests that it refuses as operations of the runtime',
    () => ({
      http: counting(
        ({ status }) => status >= 400 && status < 500,
        (body, count) => `${body}${COUNTED} ${count}\n`,
      ),
    }),
  ],
  'kubelet-counts-checkpoints-under-others': [
    'counts checkpoints among requests for unknown paths',
    () => ({ http: at('/metrics', (body) => body.replaceAll('path="checkpoint"', 'path="others"')) }),
  ],
  'kubelet-counts-none-in-flight': [
    'counts no request in flight',
    () => ({ http: at('/metrics', (body) => body.replace(INFLIGHT, '$1 0')) }),
  ],
  'kubelet-in-flight-for-ever': [
    'counts requests that are done among those in flight',
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

const beside = {
  'kubelet-forgets-checkpointed-pods': [
    'leaves pods that were checkpointed out of its lists',
    () => {
      const gone = new Set<string>();
      return {
        http: async (request, next) => {
          const response = await next(request);
          if (isCheckpoint(request) && response.status === 200) gone.add(pathOf(request).split('/')[3] ?? '');
          const isList = /^\/(running)?pods\/?$/.test(pathOf(request)) && response.status === 200;
          return isList ? { ...response, body: withoutPods(response.body, gone) } : response;
        },
      };
    },
  ],
  'kubelet-unhealthy-after-errors': [
    'is not healthy any more after an error of the runtime',
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
    'tells strangers how it is',
    () => ({
      http: (request, next) => next(pathOf(request).startsWith('/healthz') ? { ...request, user: ADMIN } : request),
    }),
  ],
  'kubelet-configz-lies': [
    'tells another default timeout than it has',
    () => ({ http: at('/configz', (body) => body.replace(/("runtimeRequestTimeout":")[^"]*/, '$11m0s')) }),
  ],
  'kubelet-checkpoint-on-read-only-port': [
    'checkpoints on the read-only port, as 1.30.0 did',
    () => ({
      kubelet: (options: FakeKubeletOptions) =>
        (options.configuration?.readOnlyPort ?? 0) > 0 ? { ...options, kubernetesVersion: '1.30.0' } : options,
    }),
  ],
  'kubelet-refuses-api-servers': [
    'refuses requests of API servers',
    () => ({
      http: async (request, next) =>
        request.user?.name === 'kube-apiserver-kubelet-client'
          ? { status: 403, headers: [], body: 'Forbidden\n' }
          : next(request),
    }),
  ],
} satisfies DeviationTable;

export const otherEndpointMutants = deviations('mutant', { ...metrics, ...beside });
