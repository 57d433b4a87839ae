// Tests defaults and routes that depend on the version.
import { expect, test } from '@jest/globals';
import { checkpointRouteIsOpen, gateEnabled, listsSubresources, parseVersion, VERSION_ROWS } from './versions';

const version = (text: string) => {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`${text} is no version`);
  return parsed;
};

test.each([
  ['1.24', false],
  ['1.25', false],
  ['v1.29.4', false],
  ['1.30', true],
  ['1.36.2', true],
])('the feature gate ContainerCheckpoint has the default of version %s', (text, isOn) => {
  expect(gateEnabled({}, 'ContainerCheckpoint', version(text))).toBe(isOn);
});

test.each([true, false])('a feature gate that is configured as %s has this value in every version', (value) => {
  for (const text of ['1.25', '1.36']) {
    expect(gateEnabled({ ContainerCheckpoint: value }, 'ContainerCheckpoint', version(text))).toBe(value);
  }
});

test('fine-grained authorization can be turned off until its feature gate is locked', () => {
  const gate = 'KubeletFineGrainedAuthz';
  expect(['1.31', '1.32', '1.33', '1.36'].map((text) => gateEnabled({}, gate, version(text)))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(gateEnabled({ [gate]: false }, gate, version('1.35'))).toBe(false);
  expect(gateEnabled({ [gate]: false }, gate, version('1.36'))).toBe(true);
});

test.each([
  ['1.25', true],
  ['1.28.15', true],
  ['1.29.13', true],
  ['1.29.14', false],
  ['1.29.15', false],
  ['1.30.0', true],
  ['1.30.9', true],
  ['1.30.10', false],
  ['1.30', false],
  ['1.31.5', true],
  ['1.31.6', false],
  ['1.32.1', true],
  ['1.32.2', false],
  ['1.33.0', false],
  ['1.36', false],
])('the checkpoint route of version %s needs no credentials: %s', (text, isOpen) => {
  expect(checkpointRouteIsOpen(version(text))).toBe(isOpen);
});

test('403 responses list all subresources since version 1.32', () => {
  expect([listsSubresources(version('1.31.9')), listsSubresources(version('1.32.0'))]).toEqual([false, true]);
});

test.each(['', '2.1', '1', '1.x', '1.36.2-rc.1', 'latest'])('%j is not a valid version', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

test('every difference has a source, and states whether it was measured or read', () => {
  for (const row of Object.values(VERSION_ROWS)) {
    expect(row.source).toMatch(/[a-z]/);
    expect(['measured', 'read']).toContain(row.known);
  }
});
