// Defaults by version.
import { expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, gateEnabled, minorVersion, requestTimeout } from './settings';

test.each([
  ['1.24', false],
  ['1.25', false],
  ['v1.29.4', false],
  ['1.30', true],
  ['1.36.2', true],
])('the gate of checkpoints in %s', (version, isOn) => {
  expect(gateEnabled(DEFAULT_SETTINGS, 'ContainerCheckpoint', minorVersion(version) ?? 0)).toBe(isOn);
});

test.each([true, false])('a gate that is set to %s is so in every version', (value) => {
  const settings = { ...DEFAULT_SETTINGS, featureGates: { ContainerCheckpoint: value } };
  for (const minor of [25, 36]) expect(gateEnabled(settings, 'ContainerCheckpoint', minor)).toBe(value);
});

test.each(['', '2.1', '1', '1.x', '1.36.2-rc.1', 'latest'])('%j is no version', (version) => {
  expect(minorVersion(version)).toBeUndefined();
});

test('the request timeout may have a fraction', () => {
  expect(requestTimeout({ ...DEFAULT_SETTINGS, runtimeRequestTimeoutSeconds: 0.25 })).toBe(250_000_000n);
});
