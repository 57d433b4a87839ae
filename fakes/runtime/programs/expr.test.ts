// Tests `expr`. The expected lines are those of GNU coreutils 9.
import { expect, test } from '@jest/globals';
import { sh } from '../testing/test-workload';

test.each([
  ['expr 2 + 3 \\* 4; expr \\( 2 + 3 \\) \\* 4', ['14', '20']],
  ['expr 7 / 2; expr -7 % 3; expr 9007199254740993 - 0', ['3', '-1', '9007199254740993']],
  ['expr 5 - 5; echo $?; expr 9 "<=" 10; echo $?; expr a = b', ['0', '1', '1', '0', '0']],
  ['expr abc; expr + 1', ['abc', '1']],
  ['expr 7 / 0; echo $?', ['stderr: expr: division by zero', '2']],
  ['expr a + 1', ['stderr: expr: non-integer argument']],
  ['expr 1 2', ["stderr: expr: syntax error: unexpected argument '2'"]],
  ['expr 1 +', ["stderr: expr: syntax error: missing argument after '+'"]],
  ['expr \\( 1', ["stderr: expr: syntax error: expecting ')' after '1'"]],
  ['expr \\)', ["stderr: expr: syntax error: unexpected ')'"]],
  ['expr; echo $?', ['stderr: expr: missing operand', '2']],
])('the output of %j is the same as that of GNU coreutils', (script, expected) => {
  const { output, exits } = sh(script);
  expect(output).toEqual(expected);
  expect(exits).toHaveLength(1);
});

test.each([
  ['while true; do i=$(expr $i + 1); echo $i; sleep 1; done', ['1', '2', '3']],
  ['while true; do i=`expr $i + 1`; echo $i; sleep 1; done', ['1', '2', '3']],
  ['i=0; while true; do echo $i; i=$(expr $i + 1); sleep 1; done', ['0', '1', '2']],
])('the counter %j counts', (script, expected) => {
  const { output, clock } = sh(script);
  clock.advance(2000);
  expect(output).toEqual(expected);
});
