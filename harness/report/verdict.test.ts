// Tests that no part of the verdict claims more than what was tried, and that the exit status follows from the verdict.
import { describe, expect, test } from '@jest/globals';
import { sentence } from '../../specs/catalogue/sources';
import type { Level, Strength } from '../../specs/subject/spec';
import type { Judged } from './exit-status';
import type { Result, Status } from './results';
import { conformanceSentence, safetySentence } from './sentences';
import { tally } from './tally';
import { judge } from './verdict';

const result = (
  id: string,
  status: Status,
  level: Level = 'documented',
  strength: Strength = 'must',
  more: Partial<Result> = {},
): Result => ({ id, title: 'A rule', level, strength, source: sentence('D26'), status, durationMs: 1, ...more });

const target = { kubelet: 'fake', runtime: 'fake', lacks: {} };
const judged = (results: readonly Result[], more: Partial<Judged> = {}) =>
  judge({ profile: 'pair', results, target, failOn: 'must', requireComplete: false, ...more });

const holds = (count: number) =>
  Array.from({ length: count }, (_, index) => result(`kubelet/a/holds-${index}`, 'pass'));

test('counts by level and strength, in the order of the levels', () => {
  const results = [
    result('runtime/a/one', 'fail', 'hardening'),
    result('kubelet/a/two', 'unsupported', 'documented', 'should'),
    result('kubelet/a/three', 'pass'),
  ];
  expect(tally(results).map(({ level, strength, counts }) => [level, strength, counts.pass])).toEqual([
    ['documented', 'must', 1],
    ['documented', 'should', 0],
    ['hardening', 'must', 0],
  ]);
});

describe('the headline', () => {
  test.each<[headline: string, results: readonly Result[]]>([
    ['1 of 3 rules fails', [...holds(2), result('runtime/a/b', 'fail', 'hardening', 'should')]],
    ['the only rule that was tried fails', [result('runtime/a/b', 'fail')]],
    ['all 2 rules that could be tried hold', [...holds(2), result('kubelet/a/x', 'unsupported')]],
    ['2 of 3 rules hold, 1 known failure', [...holds(2), result('kubelet/a/x', 'known-failure')]],
    ['the only rule that could be tried holds', holds(1)],
    ['no rule holds, 1 known failure', [result('kubelet/a/x', 'known-failure')]],
    ['1 of 2 rules holds, 1 rule could not be judged', [...holds(1), result('kubelet/a/x', 'error')]],
    ['no rule was tried', [result('kubelet/a/x', 'unsupported'), result('kubelet/a/y', 'skipped')]],
  ])('%s', (headline, results) => expect(judged(results).headline).toBe(headline));

  test.each<[headline: string, results: readonly Result[]]>([
    ['1 of 3 rules fails, the run ended early', [...holds(2), result('runtime/a/b', 'fail')]],
    ['2 of 2 rules hold, the run ended early', [...holds(2), result('kubelet/a/x', 'skipped')]],
    ['no rule was tried, the run ended early', [result('kubelet/a/x', 'skipped')]],
  ])('of an interrupted run: %s', (headline, results) =>
    expect(judged(results, { brokenOff: 'the run was interrupted' }).headline).toBe(headline),
  );
});

describe('conformance', () => {
  const cannot = { unsupported: 'cannot-be-tried' } as const;
  const notOffered = { unsupported: 'not-offered' } as const;
  test.each<[sentence: string, what: string, results: readonly Result[]]>([
    ['conformant as a kubelet with a runtime: all 2 required rules hold', 'all hold', holds(2)],
    [
      'conformant as a kubelet with a runtime: the only required rule holds',
      'a hardening rule fails',
      [...holds(1), result('runtime/a/b', 'fail', 'hardening')],
    ],
    [
      'conformant as a kubelet with a runtime: the only required rule holds',
      'the target does not offer an optional capability',
      [...holds(1), result('runtime/a/b', 'unsupported', 'contract', 'must', notOffered)],
    ],
    [
      'partly verified as a kubelet with a runtime: the only required rule that was tried holds, 1 was not tried',
      'one cannot be tried from here',
      [...holds(1), result('kubelet/a/b', 'unsupported', 'documented', 'must', cannot)],
    ],
    [
      'partly verified as a kubelet with a runtime: the only required rule that was tried holds, 1 was not tried',
      'one was excluded',
      [...holds(1), result('kubelet/a/b', 'skipped')],
    ],
    [
      'undecided as a kubelet with a runtime: no required rule was tried',
      'none was selected',
      [result('kubelet/a/b', 'skipped'), result('runtime/a/b', 'pass', 'hardening')],
    ],
    [
      'undecided as a kubelet with a runtime: 1 of the 2 required rules holds, 1 could not be judged',
      'one could not be judged',
      [...holds(1), result('kubelet/a/b', 'error')],
    ],
    [
      'not conformant as a kubelet with a runtime: 1 of the 3 required rules fails, 1 could not be judged',
      'one fails and another could not be judged',
      [...holds(1), result('kubelet/a/b', 'error'), result('kubelet/a/c', 'fail')],
    ],
    [
      'not conformant as a kubelet with a runtime: 2 of the 4 required rules that were tried fail, 1 was not tried',
      'two fail, and one was excluded',
      [...holds(2), result('kubelet/a/b', 'fail'), result('kubelet/a/c', 'fail'), result('kubelet/a/d', 'skipped')],
    ],
    [
      'conformant as a kubelet with a runtime: 2 of the 3 required rules hold, 1 known failure',
      'a failure is known',
      [...holds(2), result('kubelet/a/b', 'known-failure')],
    ],
    [
      'conformant as a kubelet with a runtime: no required rule holds, 1 known failure',
      'the only failure is known',
      [result('kubelet/a/b', 'known-failure')],
    ],
  ])('%s: %s', (sentence, _, results) => {
    expect(conformanceSentence({ verdict: judged(results), results })).toBe(sentence);
  });

  test('lacks a capability that the profile requires', () => {
    const results = holds(2);
    const verdict = judged(results, {
      profile: 'runtime-checkpoint',
      target: { ...target, lacks: { checkpoint: 'it refuses' } },
    });
    expect(conformanceSentence({ verdict, results })).toMatch(
      /^not conformant as a runtime that checkpoints: .*lacks checkpoint$/,
    );
    expect(verdict.exit).toEqual({ status: 1, reason: 'the profile requires checkpoint' });
  });
});

test('safety includes known failures, grouped by what users lose', () => {
  const harmed = (id: string, status: Status, harm: Result['harm']) =>
    result(id, status, 'hardening', 'must', { ...(harm && { harm }) });
  const { safety } = judged([
    harmed('runtime/a/b', 'fail', 'frozen'),
    harmed('runtime/a/c', 'known-failure', 'frozen'),
    harmed('runtime/a/d', 'fail', 'exposed'),
    harmed('runtime/a/e', 'pass', 'lost'),
  ]);
  expect(safetySentence(safety)).toBe(
    '3 of 4 hardening rules fail: containers stay frozen, end, or lose data (2); ' +
      'the memory of a container can be read by others (1)',
  );
});

describe('the exit status', () => {
  const hardening = result('runtime/a/b', 'fail', 'hardening');
  const should = result('runtime/a/b', 'fail', 'contract', 'should');
  const error = result('runtime/a/b', 'error');
  test.each<[status: number, what: string, results: readonly Result[], more: Partial<Judged>]>([
    [0, 'nothing fails', holds(1), {}],
    [1, 'a hardening must fails', [...holds(1), hardening], {}],
    [0, 'a hardening must fails, and required ones count', [...holds(1), hardening], { failOn: 'required' }],
    [0, 'a should fails', [...holds(1), should], {}],
    [1, 'a should fails, and every rule counts', [...holds(1), should], { failOn: 'should' }],
    [0, 'a failure is known', [...holds(1), { ...hardening, status: 'known-failure' }], {}],
    [2, 'a rule could not be judged', [...holds(1), error], {}],
    [1, 'a rule could not be judged, and another fails', [error, hardening], {}],
    [2, 'nothing was tried', [result('kubelet/a/b', 'unsupported')], {}],
    [2, 'the run ended early', holds(1), { brokenOff: 'interrupted' }],
    [1, 'the run ended early, and a rule fails', [hardening], { brokenOff: 'interrupted' }],
    [0, 'conformance is partly verified', [...holds(1), result('kubelet/a/b', 'skipped')], {}],
    [
      1,
      'the same, and it must be complete',
      [...holds(1), result('kubelet/a/b', 'skipped')],
      { requireComplete: true },
    ],
  ])('%d: %s', (status, _, results, more) => expect(judged(results, more).exit.status).toBe(status));
});
