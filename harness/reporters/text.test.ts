// Tests how text output describes a spec that ran several times.
import { expect, test } from '@jest/globals';
import type { Status } from '../report/results';
import { combineAttempts } from '../run/combine-attempts';
import { resultOf } from '../testing/result-of';
import { evidenceLines, paintFor, resultLine } from './text';

test.each<[first: Status, second: Status, expected: string | undefined]>([
  ['pass', 'pass', '(passed 2 of 2 times)'],
  ['pass', 'fail', '(passed 1 of 2 times)'],
  ['fail', 'fail', '(passed 0 of 2 times)'],
  ['known-failure', 'known-failure', '(passed 0 of 2 times)'],
  ['pass', 'unsupported', '(passed 1 of 2 times)'],
  ['unsupported', 'unsupported', undefined],
])('%s and %s: %s', (first, second, expected) => {
  const line = resultLine(combineAttempts([resultOf(first), resultOf(second)]));
  expect(/\(passed.*\)/.exec(line)?.[0]).toBe(expected);
});

test.each<[what: string, stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv, isColored: boolean]>([
  ['a terminal', { isTTY: true }, {}, true],
  ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a file', {}, {}, false],
])('%s has colors or not', (_, stream, environment, isColored) => {
  expect(resultLine(resultOf('fail'), paintFor(stream, environment)).includes('\u001b[')).toBe(isColored);
});

test('a failure states what happened and what users lose, and shows only the calls in question, each once', () => {
  const id = 'ab'.repeat(32);
  const call = (sent: string) => ({ wire: 'CRI' as const, sent, came: '{"ok":true}' });
  const matters = { ...call(`CheckpointContainer {"container_id":"${id}"}`), matters: true as const };
  const lines = evidenceLines({
    ...resultOf('fail'),
    violation: { label: 'mode', expected: 'a mode such as 0600', actual: 'Others can read the archive' },
    impact: 'Others can read the memory',
    exchanges: [matters, matters, call('Version {}'), call(`Status ${'a'.repeat(100)}`)],
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      '    happened  Others can read the archive',
      '    expected  a mode such as 0600',
      '    impact    Others can read the memory',
      '    CRI       CheckpointContainer {"container_id":"ababababababa..."}',
      '              (3 more calls in the JSON and HTML reports)',
    ]),
  );
  expect(lines.filter((line) => line.includes('CRI  '))).toHaveLength(1);
});
