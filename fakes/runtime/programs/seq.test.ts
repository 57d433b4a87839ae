// Tests `seq`. The expected lines are those of busybox 1.35, except for the limit.
import { expect, test } from '@jest/globals';
import { sh } from '../testing/test-workload';

const usage = 'Usage: seq [-w] [-s SEP] [FIRST [INC]] LAST';

test.each([
  ['seq 3', ['1', '2', '3']],
  ['seq 2 4', ['2', '3', '4']],
  ['seq 5 -2 1', ['5', '3', '1']],
  ['seq 3 1; seq 0; echo $?', ['0']],
  ['seq -w 8 10', ['08', '09', '10']],
  ['seq -s , 3; seq -s, -w 9 10', ['1,2,3', '09,10']],
  ['seq 1 .5 2', ['1.0', '1.5', '2.0']],
  ['seq 0.1 0.1 0.3', ['0.1', '0.2', '0.3']],
  ['seq 1.5', ['1']],
  ['seq; echo $?', [`stderr: ${usage}`, '1']],
  ['seq a; echo $?', [`stderr: ${usage}`, '1']],
  ['seq 1 2 3 4; echo $?', [`stderr: ${usage}`, '1']],
  ['seq -2 0; echo $?', ["stderr: seq: invalid option -- '2'", usage, '1']],
  ['seq 1 0 3; echo $?', ['stderr: seq: more than 100000 numbers are not simulated', '1']],
  ['seq 100001; echo $?', ['stderr: seq: more than 100000 numbers are not simulated', '1']],
  ['for i in $(seq 1 3); do echo line $i; done', ['line 1', 'line 2', 'line 3']],
  ['for i in $(seq 100000); do :; done; echo $i', ['100000']],
])('the output of %j is the same as in busybox', (script, expected) => {
  const { output, exits } = sh(script);
  expect(output).toEqual(expected);
  expect(exits).toHaveLength(1);
});
