// Defines kubelets that handle the timeout wrongly.
import { onMethod } from '../../../base/cri-call';
import { type DeviationTable, deviations } from '../../deviation';
import { isCheckpoint, status, timeouts } from '../../effects/http-effects';
import { settings } from '../../effects/kubelet-effects';

const table = {
  'kubelet-timeout-refused': [
    'Refuses every request with a timeout',
    () => ({ http: timeouts((values) => (values.length > 0 ? ['none'] : [])) }),
  ],
  'kubelet-timeout-garbage-accepted': [
    'Ignores an invalid timeout',
    () => ({ http: timeouts((values) => values.filter((value) => /^\d{1,10}$/.test(value))) }),
  ],
  'kubelet-timeout-garbage-is-400': [
    'Responds with 400 to an invalid timeout',
    () => ({ http: status(404, /^cannot parse/, 400) }),
  ],
  'kubelet-first-timeout-wins': [
    'Uses the first of several timeouts',
    () => ({ http: timeouts((values) => values.slice(0, 1)) }),
  ],
  'kubelet-timeout-ignored': [
    'Ignores the timeout',
    () => ({ http: timeouts((values) => (/^[1-9]\d{0,9}$/.test(values.at(-1) ?? '') ? [] : values)) }),
  ],
  'kubelet-timeout-in-milliseconds': [
    'Treats the seconds of a timeout as milliseconds',
    () => ({
      http: timeouts((values) =>
        values.map((value) => (/^\d{1,10}$/.test(value) ? String(Math.ceil(Number(value) / 1000)) : value)),
      ),
    }),
  ],
  'kubelet-zero-waits-for-ever': [
    'Treats a timeout of zero as no limit',
    () => ({ http: timeouts((values) => values.map((value) => (value === '0' ? '9223372036' : value))) }),
  ],
  'kubelet-no-default-timeout': [
    'Has no default timeout',
    () => settings({ runtimeRequestTimeoutSeconds: 9_000_000_000 }),
  ],
  'kubelet-default-timeout-of-60s': [
    'Has another default timeout than its configuration',
    () => settings({ runtimeRequestTimeoutSeconds: 60 }),
  ],
  'kubelet-default-timeout-fixed': [
    'Ignores the configured default timeout',
    () => settings({ runtimeRequestTimeoutSeconds: 120 }),
  ],
  'kubelet-raises-short-timeouts': [
    'Raises every timeout below the default to the default, as real kubelets do',
    () => ({
      http: timeouts((values) => values.map((value) => (/^\d+$/.test(value) && Number(value) < 120 ? '120' : value))),
    }),
  ],
  'kubelet-timeout-field-empty': [
    'Leaves the timeout field of the CRI call at zero',
    () => ({
      kubeletCri: onMethod('CheckpointContainer', (call, next) =>
        next({ ...call, request: { ...call.request, timeout: '0' } }),
      ),
    }),
  ],
  'kubelet-timeouts-of-31-bits': [
    'Refuses timeouts that need more than 31 bits',
    () => ({
      http: timeouts((values) =>
        values.map((value) => (/^\d{10}$/.test(value) && Number(value) >= 2 ** 31 ? 'none' : value)),
      ),
    }),
  ],
  'kubelet-overflow-is-the-default': [
    'Treats a timeout that overflows as absent',
    () => ({ http: timeouts((values) => values.map((value) => (/^\d{19}$/.test(value) ? '0' : value))) }),
  ],
  'kubelet-negative-is-the-default': [
    'Treats a negative timeout as absent',
    () => ({ http: timeouts((values) => values.map((value) => (/^-\d/.test(value) ? '0' : value))) }),
  ],
  'kubelet-timeout-escapes-kept': [
    'Does not decode percent escapes in the timeout',
    () => ({ http: timeouts((values) => values.map((value) => (value.includes('%') ? 'none' : value))) }),
  ],
  'kubelet-timeout-before-lookup': [
    'Parses the timeout before it looks up the pod',
    () => ({
      http: async (request, next) =>
        request.user && isCheckpoint(request) && /[?&]timeout=[a-z]+$/.test(request.target)
          ? { status: 404, headers: [], body: 'cannot parse value of timeout parameter' }
          : next(request),
    }),
  ],
} satisfies DeviationTable;

export const timeoutMutants = deviations('mutant', table);
