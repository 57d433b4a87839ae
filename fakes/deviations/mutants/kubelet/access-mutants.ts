// Defines kubelets that enable or disable the endpoint wrongly, or that authenticate clients wrongly.
import { type DeviationTable, deviations } from '../../deviation';
import { changeRequest, status } from '../../effects/http-effects';
import { gate, settings } from '../../effects/kubelet-effects';

const ORDINARY_USER = { name: 'somebody', groups: ['system:authenticated'] };
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
const DEBUG_PATH = /^404 page not found\n$/;
const UNKNOWN_NAME = /does not exist$/;

const table = {
  'kubelet-gate-ignored': ['Serves the endpoint although the feature gate is off', () => gate(true)],
  'kubelet-gate-off-is-403': [
    'Responds with 403 if the endpoint is disabled',
    () => ({ http: status(404, DEBUG_PATH, 403) }),
  ],
  'kubelet-alpha-gate-on': [
    'Turns the feature gate on by default while it is alpha',
    () => ({
      kubelet: (options) =>
        options.configuration?.featureGates?.['ContainerCheckpoint'] === undefined
          ? gate(true).kubelet(options)
          : options,
    }),
  ],
  'kubelet-gate-off-is-401': [
    'Responds with 401 if the endpoint is disabled',
    () => ({ http: status(404, DEBUG_PATH, 401) }),
  ],
  'kubelet-beta-gate-off': [
    'Turns the feature gate off by default while it is beta',
    () => ({
      kubelet: (options) =>
        /^1\.3\d/.test(options.kubernetesVersion ?? '') &&
        options.configuration?.featureGates?.['ContainerCheckpoint'] === undefined
          ? gate(false).kubelet(options)
          : options,
    }),
  ],
  'kubelet-alpha-gate-stuck-off': [
    'Keeps the feature gate off in version 1.25, even if it is configured on',
    () => ({ kubelet: (options) => (options.kubernetesVersion === '1.25' ? gate(false).kubelet(options) : options) }),
  ],
  'kubelet-debugging-handlers-ignored': [
    'Serves the endpoint although debugging handlers are disabled',
    () => settings({ enableDebuggingHandlers: true }),
  ],
  'kubelet-authentication-skipped': [
    'Does not authenticate clients',
    () => ({ http: changeRequest((request) => ({ ...request, user: request.user ?? ORDINARY_USER })) }),
  ],
  'kubelet-unauthenticated-is-403': [
    'Responds with 403 instead of 401 to unauthenticated clients',
    () => ({ http: status(401, /./, 403) }),
  ],
  'kubelet-any-token-accepted': [
    'Accepts every bearer token',
    () => ({
      http: changeRequest((request) =>
        request.headers['authorization'] ? { ...request, user: request.user ?? ORDINARY_USER } : request,
      ),
    }),
  ],
  'kubelet-basic-accepted': [
    'Accepts every user name and password',
    () => ({
      http: changeRequest((request) =>
        /^basic /i.test(request.headers['authorization'] ?? '') ? { ...request, user: ORDINARY_USER } : request,
      ),
    }),
  ],
  'kubelet-certificates-ignored': [
    'Accepts client certificates only from members of system:masters',
    () => ({
      http: changeRequest((request) => {
        const { user, ...stranger } = request;
        const isMaster = user?.groups.includes('system:masters') === true;
        return user?.extra?.[CREDENTIAL_ID] !== undefined && !isMaster ? stranger : request;
      }),
    }),
  ],
  'kubelet-lookup-before-authentication': [
    'Reveals to unauthenticated clients which pods exist',
    () => ({
      http: async (request, next) => {
        if (request.user) return next(request);
        // Use an invalid timeout, which ends the request after the pod was looked up.
        const lookup = await next({
          ...request,
          target: `${request.target}?timeout=none`,
          method: 'POST',
          user: ORDINARY_USER,
        });
        return UNKNOWN_NAME.test(lookup.body) ? lookup : next(request);
      },
    }),
  ],
  'kubelet-anonymous-never-allowed': [
    'Refuses anonymous requests, even if they are allowed in the configuration',
    () => settings({ anonymous: false }),
  ],
} satisfies DeviationTable;

export const accessMutants = deviations('mutant', table);
