// Tests that reports list the failures that count first, and hardening failures in the order of their harms.
import { expect, test } from '@jest/globals';
import { resultOf } from '../testing/result-of';
import { rankedFailures } from './ranking';
import type { Result } from './results';
import { judge } from './verdict';

const one = (id: string, more: Partial<Result>): Result => ({ ...resultOf('fail'), id, ...more });

test('required rules come first, then other must rules by harm, then should rules, then rules that were not judged', () => {
  const results = [
    one('runtime/a/error', { status: 'error', level: 'documented' }),
    one('runtime/a/should', { level: 'documented', strength: 'should' }),
    one('runtime/a/restored', { level: 'hardening', strength: 'must', harm: 'restored' }),
    one('runtime/a/observed', { level: 'observed', strength: 'must' }),
    one('runtime/a/exposed', { level: 'hardening', strength: 'must', harm: 'exposed' }),
    one('runtime/a/pass', { status: 'pass' }),
    one('runtime/a/frozen', { level: 'hardening', strength: 'must', harm: 'frozen' }),
    one('runtime/a/contract', { level: 'contract', strength: 'must' }),
  ];
  const target = { kubelet: 'fake', runtime: 'fake', lacks: {} };
  const verdict = judge({ profile: 'pair', results, target, failOn: 'must', requireComplete: false });
  expect(rankedFailures({ verdict, results }).map(({ id }) => id.slice('runtime/a/'.length))).toEqual([
    'contract',
    'frozen',
    'exposed',
    'restored',
    'observed',
    'should',
    'error',
  ]);
});
