// Broken kubelets, each in one way: routes, access, codes, timeouts.
import fs from 'node:fs/promises';
import type { FakeKubeletOptions } from '../kubelet/server';
import type { KubeletSettings } from '../kubelet/settings';
import { type HttpRequest, onMethod } from '../wires';
import { type DeviationTable, deviations } from './deviation';
import { answering, asking, status, success, timeouts } from './http-bends';

const SOMEBODY = { name: 'somebody', groups: ['system:authenticated'] };
const DEBUG_PATH = /^404 page not found\n$/;
const UNKNOWN_NAME = /does not exist$/;
const NOT_RUNNING = /\(container .* not found\)$/s;
const FROM_RUNTIME = /rpc error: code = /;

const settings = (change: Partial<KubeletSettings>) => ({
  kubelet: (options: FakeKubeletOptions) => ({ ...options, configuration: { ...options.configuration, ...change } }),
});
const gate = (on: boolean) => settings({ featureGates: { ContainerCheckpoint: on } });
const segments = ({ target }: HttpRequest) => target.split('?')[0]?.split('/').slice(2) ?? [];

const route = {
  'kubelet-get-checkpoints': [
    'takes GET for POST',
    () => ({ http: asking((request) => (request.method === 'GET' ? { ...request, method: 'POST' } : request)) }),
  ],
  'kubelet-405-without-allow': [
    'does not say which method is allowed',
    () => ({
      http: answering((response) => ({ ...response, headers: response.headers.filter(([name]) => name !== 'Allow') })),
    }),
  ],
  'kubelet-namespace-optional': [
    'takes the namespace for default where it is left out',
    () => ({
      http: asking((request) =>
        segments(request).length === 2
          ? { ...request, target: request.target.replace('/checkpoint/', '/checkpoint/default/') }
          : request,
      ),
    }),
  ],
  'kubelet-container-optional': [
    'succeeds without a container',
    () => ({
      http: answering((response, request) =>
        segments(request).filter((part) => part !== '').length === 2 && response.status === 404
          ? { ...response, status: 200 }
          : response,
      ),
    }),
  ],
  'kubelet-pod-optional': [
    'succeeds with an empty pod',
    () => ({
      http: answering((response, request) => (segments(request)[1] === '' ? { ...response, status: 200 } : response)),
    }),
  ],
  'kubelet-accept-ignored': [
    'sends JSON to who does not accept it',
    () => ({ http: asking((request) => ({ ...request, headers: { ...request.headers, accept: undefined } })) }),
  ],
} satisfies DeviationTable;

const access = {
  'kubelet-gate-ignored': ['serves the endpoint with the gate off', () => gate(true)],
  'kubelet-gate-off-is-403': ['answers 403 where the endpoint is off', () => ({ http: status(404, DEBUG_PATH, 403) })],
  'kubelet-alpha-gate-on': [
    'has the gate on by default while it is alpha',
    () => ({
      kubelet: (options) =>
        options.configuration?.featureGates?.['ContainerCheckpoint'] === undefined
          ? gate(true).kubelet(options)
          : options,
    }),
  ],
  'kubelet-alpha-gate-stuck-off': [
    'leaves the gate off in 1.25, whatever is configured',
    () => ({ kubelet: (options) => (options.kubernetesVersion === '1.25' ? gate(false).kubelet(options) : options) }),
  ],
  'kubelet-debugging-handlers-ignored': [
    'serves the endpoint with debugging handlers off',
    () => settings({ enableDebuggingHandlers: true }),
  ],
  'kubelet-authentication-skipped': [
    'asks nobody who they are',
    () => ({ http: asking((request) => ({ ...request, user: request.user ?? SOMEBODY })) }),
  ],
  'kubelet-unauthenticated-is-403': ['answers 403 instead of 401', () => ({ http: status(401, /./, 403) })],
  'kubelet-any-token-accepted': [
    'takes every bearer token',
    () => ({
      http: asking((request) => (request.headers['authorization'] ? { ...request, user: SOMEBODY } : request)),
    }),
  ],
  'kubelet-lookup-before-authentication': [
    'tells strangers which pods there are',
    () => ({
      http: async (request, next) => {
        if (request.user) return next(request);
        // The look-up comes before the timeout is read, and a timeout that cannot be read keeps it from going further.
        const looked = await next({
          ...request,
          target: `${request.target}?timeout=none`,
          method: 'POST',
          user: SOMEBODY,
        });
        return UNKNOWN_NAME.test(looked.body) ? looked : next(request);
      },
    }),
  ],
  'kubelet-anonymous-never-allowed': [
    'refuses anonymous requests, whatever is configured',
    () => settings({ anonymous: false }),
  ],
} satisfies DeviationTable;

const codes = {
  'kubelet-success-is-201': ['answers 201 for a checkpoint', () => ({ http: status(200, /./, 201) })],
  'kubelet-empty-items': ['names no archive', () => ({ http: success(200, /./) })],
  'kubelet-answers-plain-text': [
    'calls its JSON plain text',
    () => ({
      http: answering((response) =>
        response.status === 200 ? { ...response, headers: [['Content-Type', 'text/plain']] } : response,
      ),
    }),
  ],
  'kubelet-answers-before-the-archive': [
    'answers before the archive is in its place',
    () => ({
      asks: onMethod('CheckpointContainer', async (call, next) => {
        const answer = await next(call);
        const { location } = call.request;
        await fs.rename(location, `${location}.late`);
        setTimeout(() => void fs.rename(`${location}.late`, location).catch(() => undefined), 500).unref();
        return answer;
      }),
    }),
  ],
  'kubelet-unknown-pod-is-500': [
    'answers 500 for an unknown pod',
    () => ({ http: status(404, /^pod does not exist$/, 500) }),
  ],
  'kubelet-unknown-container-is-500': [
    'answers 500 for an unknown container',
    () => ({ http: status(404, /^container .* does not exist$/s, 500) }),
  ],
  'kubelet-unknown-name-is-400': ['answers 400 for any unknown name', () => ({ http: status(404, UNKNOWN_NAME, 400) })],
  'kubelet-namespace-not-compared': [
    'finds a pod of that name in another namespace',
    () => ({
      http: async (request, next) => {
        const response = await next(request);
        if (response.status !== 404 || !UNKNOWN_NAME.test(response.body)) return response;
        const [, ...rest] = segments(request);
        const retried = await next({ ...request, target: `/checkpoint/default/${rest.join('/')}` });
        return retried.status === 404 ? response : retried;
      },
    }),
  ],
  'kubelet-container-of-any-pod': [
    'finds a container of that name in another pod',
    () => ({ http: success(404, /^container main does not exist$/) }),
  ],
  'kubelet-exited-is-success': [
    'calls it a success when the container does not run',
    () => ({ http: success(500, NOT_RUNNING) }),
  ],
  'kubelet-exited-is-404': [
    'answers 404 when the container does not run',
    () => ({ http: status(500, NOT_RUNNING, 404) }),
  ],
  'kubelet-runtime-error-is-502': [
    'answers 502 for an error of the runtime',
    () => ({ http: status(500, FROM_RUNTIME, 502) }),
  ],
  'kubelet-runtime-message-dropped': [
    'keeps the message of the runtime to itself',
    () => ({
      http: answering((response) =>
        FROM_RUNTIME.test(response.body) ? { ...response, body: 'checkpointing failed' } : response,
      ),
    }),
  ],
  'kubelet-not-found-of-runtime-is-404': [
    'takes NotFound of the runtime for an unknown container',
    () => ({ http: status(500, /code = NotFound/, 404) }),
  ],
  'kubelet-unimplemented-is-501': [
    'answers 501 where the runtime does not implement the call',
    () => ({ http: status(500, /code = Unimplemented/, 501) }),
  ],
  'kubelet-deadline-is-504': [
    'answers 504 when the wait ends',
    () => ({ http: status(500, /code = DeadlineExceeded/, 504) }),
  ],
} satisfies DeviationTable;

const waiting = {
  'kubelet-timeout-refused': [
    'takes no timeout at all',
    () => ({ http: timeouts((values) => (values.length > 0 ? ['none'] : [])) }),
  ],
  'kubelet-timeout-garbage-accepted': [
    'overlooks a timeout that it cannot read',
    () => ({ http: timeouts((values) => values.filter((value) => /^\d{1,10}$/.test(value))) }),
  ],
  'kubelet-timeout-garbage-is-400': [
    'answers 400 for a timeout that it cannot read',
    () => ({ http: status(404, /^cannot parse/, 400) }),
  ],
  'kubelet-first-timeout-wins': [
    'takes the first of several timeouts',
    () => ({ http: timeouts((values) => values.slice(0, 1)) }),
  ],
  'kubelet-timeout-ignored': [
    'does not use the timeout',
    () => ({ http: timeouts((values) => (/^[1-9]\d{0,9}$/.test(values.at(-1) ?? '') ? [] : values)) }),
  ],
  'kubelet-timeout-in-milliseconds': [
    'takes the seconds for milliseconds',
    () => ({
      http: timeouts((values) =>
        values.map((value) => (/^\d{1,10}$/.test(value) ? String(Math.ceil(Number(value) / 1000)) : value)),
      ),
    }),
  ],
  'kubelet-zero-waits-for-ever': [
    'takes zero for no limit',
    () => ({ http: timeouts((values) => values.map((value) => (value === '0' ? '9223372036' : value))) }),
  ],
  'kubelet-no-default-timeout': [
    'has no default timeout',
    () => settings({ runtimeRequestTimeoutSeconds: 9_000_000_000 }),
  ],
  'kubelet-default-timeout-of-60s': [
    'has a default timeout of its own',
    () => settings({ runtimeRequestTimeoutSeconds: 60 }),
  ],
  'kubelet-default-timeout-fixed': [
    'cannot be told another default timeout',
    () => settings({ runtimeRequestTimeoutSeconds: 120 }),
  ],
  'kubelet-raises-short-timeouts': [
    'raises every timeout below the default to it, as real kubelets do',
    () => ({
      http: timeouts((values) => values.map((value) => (/^\d+$/.test(value) && Number(value) < 120 ? '120' : value))),
    }),
  ],
  'kubelet-timeout-field-empty': [
    'leaves the timeout of the request at zero',
    () => ({
      asks: onMethod('CheckpointContainer', (call, next) =>
        next({ ...call, request: { ...call.request, timeout: '0' } }),
      ),
    }),
  ],
} satisfies DeviationTable;

export const kubeletMutants = deviations('mutant', { ...route, ...access, ...codes, ...waiting });
