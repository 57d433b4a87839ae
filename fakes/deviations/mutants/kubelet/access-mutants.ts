// Broken kubelets, in when the endpoint is there and who may ask.
import { type DeviationTable, deviations } from '../../deviation';
import { asking, status } from '../../effects/http-effects';
import { gate, settings } from '../../effects/kubelet-effects';

const SOMEBODY = { name: 'somebody', groups: ['system:authenticated'] };
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
const DEBUG_PATH = /^404 page not found\n$/;
const UNKNOWN_NAME = /does not exist$/;

const table = {
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
  'kubelet-gate-off-is-401': ['answers 401 where the endpoint is off', () => ({ http: status(404, DEBUG_PATH, 401) })],
  'kubelet-beta-gate-off': [
    'has the gate off by default while it is beta',
    () => ({
      kubelet: (options) =>
        /^1\.3\d/.test(options.kubernetesVersion ?? '') &&
        options.configuration?.featureGates?.['ContainerCheckpoint'] === undefined
          ? gate(false).kubelet(options)
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
      http: asking((request) =>
        request.headers['authorization'] ? { ...request, user: request.user ?? SOMEBODY } : request,
      ),
    }),
  ],
  'kubelet-basic-accepted': [
    'takes every name and password',
    () => ({
      http: asking((request) =>
        /^basic /i.test(request.headers['authorization'] ?? '') ? { ...request, user: SOMEBODY } : request,
      ),
    }),
  ],
  'kubelet-certificates-ignored': [
    'knows nobody by a certificate but who is in system:masters',
    () => ({
      http: asking((request) => {
        const { user, ...stranger } = request;
        const isMaster = user?.groups.includes('system:masters') === true;
        return user?.extra?.[CREDENTIAL_ID] !== undefined && !isMaster ? stranger : request;
      }),
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

export const accessMutants = deviations('mutant', table);
