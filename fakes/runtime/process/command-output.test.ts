// Tests command substitution. The expected lines were produced by `sh` of busybox.
import { describe, expect, test } from '@jest/globals';
import { sh } from '../testing/test-workload';

describe('command substitution', () => {
  test.each([
    ['echo $(id -u):$(id -g)', ['0:0']],
    ['echo a$(echo b c)d', ['ab cd']],
    ['x=$(printf \'a  b\\nc\'); echo $x; echo "$x"', ['a b c', 'a  b', 'c']],
    ["echo =$(printf 'a\\n\\n\\n')=", ['=a=']],
    ['echo `echo \\`echo hi\\``', ['hi']],
    ['echo "`echo \\"q  q\\"`" "$(echo "q  )")"', ['q  q q  )']],
    ["echo $(echo ')' \\) \"$(echo '(')\")", [') ) (']],
    ['echo $(echo $(echo deep) $(echo er)) x', ['deep er x']],
    ['x=$(false); echo $?; x=1; echo $?', ['1', '0']],
    ['x=$(exit 3); echo $?', ['3']],
    ['false; echo $(echo $?)', ['1']],
    ['x=1; y=$(x=2; echo $x); echo $x $y', ['1 2']],
    ['echo $(echo a >&2)', ['stderr: a', '']],
    ['echo $(echo a; exit 3; echo b)', ['a']],
    ['echo $(if false; then echo a; else echo b; fi) $(true && echo c)', ['b c']],
    ['echo $(date)', ['Tue Nov 3 12:01:07 UTC 2026']],
    [
      'exec >/log; echo $(echo caught); echo x > "/$(echo f)"; cat /f >&2; cat /log >&2',
      ['stderr: x', 'stderr: caught'],
    ],
    ['if [ "$(pwd)" = /srv ]; then echo there; fi', ['there']],
  ])('in %j has the same output as in busybox', (script, expected) => {
    const { output, exits } = sh(script);
    expect(output).toEqual(expected);
    expect(exits).toHaveLength(1);
  });
});

describe('an unquoted expansion', () => {
  test.each([
    ['x=\'  a   b \'; echo $x; echo -$x-; echo "-$x-"', ['a b', '- a b -', '-  a   b -']],
    ['x=; [ $x ]; echo $?; [ "$x" = \'\' ]; echo $?', ['1', '0']],
    ["x='a  b'; touch $x; [ -f a ] && [ -f b ] && echo both", ['both']],
  ])('%j is split into words at white space', (script, expected) => {
    expect(sh(script).output).toEqual(expected);
  });
});
