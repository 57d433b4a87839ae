// Tests `for`. The expected lines are those of busybox.
import { describe, expect, test } from '@jest/globals';
import { sh } from '../testing/test-workload';

describe('a for loop', () => {
  test.each([
    ['for i in a "b c" $(echo d e); do echo "<$i>"; done; echo $i', ['<a>', '<b c>', '<d>', '<e>', 'e']],
    ["words='1  2'\nfor i in $words\ndo\n echo $i\ndone", ['1', '2']],
    ['for i in 1 2; do for j in a b; do echo $i$j; done; done', ['1a', '1b', '2a', '2b']],
    ['for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done', ['1', '3']],
    ['for i in 1 2 3; do [ $i = 2 ] && break; echo $i; done; echo $i', ['1', '2']],
    ['for i in 1 2; do for j in a b c; do [ $j = b ] && break; echo $i$j; done; done', ['1a', '2a']],
    ['false; for i in 1; do echo $?; done', ['1']],
    ['false; for i in; do echo never; done; echo $?', ['0']],
    ['for i in a; do false; done; echo $?', ['1']],
    ['for i in 1 2; do echo $i; done && echo and; i=9; for i in; do :; done; echo $i', ['1', '2', 'and', '9']],
    ['n=0; while [ $n -lt 2 ]; do n=$((n+1)); for i in x y; do echo $n$i; done; done', ['1x', '1y', '2x', '2y']],
    ['for i in 1 2; do n=0; while [ $n -lt 2 ]; do n=$((n+1)); echo $i$n; done; done', ['11', '12', '21', '22']],
  ])('in %j has the same output as in busybox', (script, expected) => {
    const { clock, output, exits } = sh(script);
    clock.advance(1000);
    expect(output).toEqual(expected);
    expect(exits).toHaveLength(1);
  });

  test('ends at once if nothing in it sleeps', () => {
    const { output, exits } = sh('for i in 1 2 3 4 5 6 7 8 9; do echo $i; done');
    expect(output).toHaveLength(9);
    expect(exits).toEqual([0]);
  });

  test('can sleep in the middle, and be frozen there', () => {
    const { clock, output, workload } = sh('for i in 1 2 3; do echo $i; sleep 1; done; echo end');
    clock.advance(1500);
    expect(output).toEqual(['1', '2']);
    expect(workload.processes.map((one) => one.arguments[0])).toEqual(['/bin/sh', 'sleep']);
    workload.freeze();
    clock.advance(9000);
    workload.thaw();
    clock.advance(499);
    expect(output).toEqual(['1', '2']);
    clock.advance(1000);
    expect(output).toEqual(['1', '2', '3']);
    clock.advance(1);
    expect(output).toEqual(['1', '2', '3', 'end']);
  });
});
