// Tests how durations in the settings are converted.
import { expect, test } from '@jest/globals';
import { DEFAULT_KUBELET_SETTINGS, requestTimeout } from './settings';

test('the request timeout can have a fraction of a second', () => {
  expect(requestTimeout({ ...DEFAULT_KUBELET_SETTINGS, runtimeRequestTimeoutSeconds: 0.25 })).toBe(250_000_000n);
});
