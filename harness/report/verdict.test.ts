// The verdict line: one word, what it rests on, and counts by level and strength.
import { expect, test } from '@jest/globals';
import { sentence } from '../../specs/catalogue/sources';
import type { Level, Strength } from '../../specs/subject/spec';
import type { Result, Status } from './results';
import { judge, tally } from './verdict';

const result = (id: string, status: Status, level: Level = 'documented', strength: Strength = 'must'): Result => ({
  id,
  title: 'A rule',
  level,
  strength,
  source: sentence('D26'),
  status,
  durationMs: 1,
});
const target = { kubelet: 'fake', runtime: 'fake', lacks: {} };

test('counts by level and strength, in the order of the levels, and what was not tried apart', () => {
  const results = [
    result('runtime/a/one', 'fail', 'hardening'),
    result('kubelet/a/two', 'unsupported', 'documented', 'should'),
    result('kubelet/a/three', 'pass'),
    result('kubelet/a/four', 'known-failure'),
    result('kubelet/a/five', 'skipped', 'observed'),
  ];
  expect(tally(results).map(({ level, strength, counts }) => [level, strength, counts.pass])).toEqual([
    ['documented', 'must', 1],
    ['documented', 'should', 0],
    ['observed', 'must', 0],
    ['hardening', 'must', 0],
  ]);
  expect(judge('pair', results, target).summary).toBe(
    'conformant as a kubelet with a runtime (profile pair): of 2 required rules 1 hold, 1 are known to fail, ' +
      '0 do not apply; held: documented must 1 of 2, documented should 0 of 0 (1 unsupported), hardening must 0 of 1',
  );
});

const CASES: readonly (readonly [what: string, results: readonly Result[], word: string])[] = [
  ['a broken must of the documentation', [result('kubelet/a/b', 'fail')], 'NOT conformant as '],
  ['a broken should', [result('kubelet/a/b', 'fail', 'documented', 'should')], 'conformant as '],
  ['a broken rule that is only observed', [result('kubelet/a/b', 'fail', 'observed')], 'conformant as '],
  ['a rule that could not be judged', [result('kubelet/a/b', 'error')], 'UNDECIDED whether conformant as '],
  ['that, and a broken one', [result('kubelet/a/b', 'error'), result('kubelet/a/c', 'fail')], 'NOT conformant as '],
  [
    'one that was only observed and could not be judged',
    [result('kubelet/a/b', 'error', 'observed')],
    'UNDECIDED whether ',
  ],
];

test.each(CASES)('%s', (_, results, word) => {
  expect(judge('pair', results, target).summary.slice(0, word.length)).toBe(word);
});

test('many ids are cut short', () => {
  const many = Array.from({ length: 9 }, (_, index) => result(`kubelet/a/rule-${index}`, 'fail'));
  expect(judge('pair', many, target).summary).toContain('9 fail: kubelet/a/rule-0, kubelet/a/rule-1');
  expect(judge('pair', many, target).summary).toContain('kubelet/a/rule-4, 4 more;');
});
