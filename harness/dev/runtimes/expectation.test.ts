// Tests that the comparison of a report with an expectation reports every kind of difference, and nothing else.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Status } from '../../report/results';
import { compareWithExpectation, type Expectation, loadExpectation, minorOf } from './expectation';

const expectation: Expectation = {
  runtime: 'containerd',
  minor: '2.1',
  minimumPasses: 2,
  failing: [{ id: 'runtime/place/mode', reason: 'keeps the mode', link: 'finding mode-kept', expires: '2099-12-31' }],
  unsteady: ['runtime/by-luck'],
  unsupported: ['kubelet/', 'runtime/restore/works'],
};

const asExpected: Readonly<Record<string, Status>> = {
  'runtime/a': 'pass',
  'runtime/b': 'pass',
  'runtime/known': 'known-failure',
  'runtime/place/mode': 'fail',
  'kubelet/route/get': 'unsupported',
  'runtime/restore/works': 'unsupported',
};

function differences(changes: Readonly<Record<string, Status | undefined>>): string[] {
  const statuses = Object.entries({ ...asExpected, ...changes });
  const results = statuses.flatMap(([id, status]) => (status === undefined ? [] : [{ id, status, reason: 'why' }]));
  return compareWithExpectation({ results }, expectation);
}

test('a report as expected has no differences', () => {
  expect(differences({})).toEqual([]);
});

test.each(['pass', 'fail'] as const)('a rule that fails only sometimes may %s', (status) => {
  expect(differences({ 'runtime/by-luck': status })).toEqual([]);
});

describe('each difference is reported once, with the id', () => {
  test.each<[string, Readonly<Record<string, Status | undefined>>, string]>([
    ['an unlisted failure', { 'runtime/c': 'fail' }, 'runtime/c fails and is not listed as failing: why'],
    [
      'a listed failure that passes',
      { 'runtime/place/mode': 'pass' },
      'runtime/place/mode is listed as failing and its status is pass: take it off the list.',
    ],
    [
      'a listed failure that is gone',
      { 'runtime/place/mode': undefined },
      'runtime/place/mode is listed as failing and is not in the report.',
    ],
    ['an unlisted unsupported', { 'runtime/c': 'unsupported' }, 'runtime/c is unsupported and not listed as such: why'],
    [
      'a listed unsupported that passes',
      { 'runtime/restore/works': 'pass' },
      'runtime/restore/works is listed as unsupported, but no such rule is unsupported: take it off the list.',
    ],
    [
      'a prefix that covers nothing',
      { 'kubelet/route/get': 'pass' },
      'kubelet/ is listed as unsupported, but no such rule is unsupported: take it off the list.',
    ],
    ['an error', { 'runtime/c': 'error' }, 'runtime/c could not be checked: why'],
    ['an error of a listed failure', { 'runtime/place/mode': 'error' }, 'runtime/place/mode could not be checked: why'],
    ['a skip', { 'runtime/c': 'skipped' }, 'runtime/c was skipped, although nothing was excluded: why'],
    ['too few passes', { 'runtime/b': undefined }, '1 rules pass, but at least 2 must.'],
  ])('%s', (_title, changes, sentence) => {
    expect(differences(changes)).toEqual([sentence]);
  });
});

test('an id that occurs twice is a difference', () => {
  const results = [...Object.entries(asExpected), ['runtime/a', 'pass'] as const];
  const report = { results: results.map(([id, status]) => ({ id, status, reason: '' })) };
  expect(compareWithExpectation(report, expectation)).toEqual(['runtime/a is in the report more than once.']);
});

test('only an entry that ends in a slash is a prefix', () => {
  const report = { results: [{ id: 'runtime/restore/works-twice', status: 'unsupported' as const, reason: '' }] };
  const unlisted = { ...expectation, minimumPasses: 0, failing: [], unsupported: ['runtime/restore/works'] };
  expect(compareWithExpectation(report, unlisted)).toHaveLength(2);
});

test.each([
  ['2.1.9+unknown', '2.1'],
  ['1.6.20~ds1', '1.6'],
  ['v2.4.0-rc.1', '2.4'],
  ['unknown', undefined],
])('the minor version of %s is %s', (version, minor) => {
  expect(minorOf(version)).toBe(minor);
});

test('a runtime of unknown version gives an error with its name', () => {
  expect(() => loadExpectation('containerd', '9.9.1')).toThrow(/containerd 9\.9\.1.*containerd-9\.9\.json/);
  expect(() => loadExpectation('containerd', 'unknown')).toThrow(/containerd-MAJOR\.MINOR\.json/);
});

describe('each committed expectation', () => {
  const files = readdirSync(path.join(__dirname, 'expectations'));
  test.each(files)('%s is named after its version, and each failure has a reason and a link', (file) => {
    const name = path.basename(file, '.json');
    const [, runtime = '', minor = ''] = /^(.+)-(\d+\.\d+)$/.exec(name) ?? [];
    const found = loadExpectation(runtime, `${minor}.0`);
    expect({ runtime: found.runtime, minor: found.minor }).toEqual({ runtime, minor });
    expect(found.minimumPasses).toBeGreaterThanOrEqual(1);
    for (const failure of found.failing) {
      expect(failure).toEqual({
        id: expect.any(String),
        reason: expect.any(String),
        link: expect.stringContaining('findings.md#'),
        expires: expect.any(String),
        ...(failure.unsteady && { unsteady: true }),
      });
    }
    expect(found.unsupported.every((entry) => typeof entry === 'string')).toBe(true);
  });
});
