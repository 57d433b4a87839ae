// Broken kubelets, in how long they wait.
import { onMethod } from '../../../base/cri-call';
import { type DeviationTable, deviations } from '../../deviation';
import { isCheckpoint, status, timeouts } from '../../effects/http-effects';
import { settings } from '../../effects/kubelet-effects';

const table = {
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
      kubeletCri: onMethod('CheckpointContainer', (call, next) =>
        next({ ...call, request: { ...call.request, timeout: '0' } }),
      ),
    }),
  ],
  'kubelet-timeouts-of-31-bits': [
    'reads no timeout above 31 bits',
    () => ({
      http: timeouts((values) =>
        values.map((value) => (/^\d{10}$/.test(value) && Number(value) >= 2 ** 31 ? 'none' : value)),
      ),
    }),
  ],
  'kubelet-overflow-is-the-default': [
    'takes a timeout that overflows for none',
    () => ({ http: timeouts((values) => values.map((value) => (/^\d{19}$/.test(value) ? '0' : value))) }),
  ],
  'kubelet-negative-is-the-default': [
    'takes a negative timeout for none',
    () => ({ http: timeouts((values) => values.map((value) => (/^-\d/.test(value) ? '0' : value))) }),
  ],
  'kubelet-timeout-escapes-kept': [
    'does not undo escapes in the timeout',
    () => ({ http: timeouts((values) => values.map((value) => (value.includes('%') ? 'none' : value))) }),
  ],
  'kubelet-timeout-before-lookup': [
    'reads the timeout before it looks for the pod',
    () => ({
      http: async (request, next) =>
        request.user && isCheckpoint(request) && /[?&]timeout=[a-z]+$/.test(request.target)
          ? { status: 404, headers: [], body: 'cannot parse value of timeout parameter' }
          : next(request),
    }),
  ],
} satisfies DeviationTable;

export const timeoutMutants = deviations('mutant', table);
