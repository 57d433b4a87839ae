// Tests `mkdir`. The expected error messages are those of busybox 1.35.
import { describe, expect, test } from '@jest/globals';
import { Machine } from '../machine/machine';
import { NOWHERE } from '../machine/surroundings';
import { sh } from '../testing/test-workload';
import { runProgram } from './programs';

describe('mkdir creates directories in', () => {
  test.each([
    ['mkdir d && ls && [ -d d ] && [ -d /srv/d/ ] && echo there', ['d', 'there']],
    ['mkdir -p d/e/f; mkdir -p d; ls d; ls /srv/d/e', ['e', 'f']],
    ['mkdir a b; touch a/f b/g; echo x > a/h; ls a b; cat /srv/a/h', ['f', 'h', 'g', 'x']],
    ['mkdir d; touch d/f; rm d/f; ls d; [ -d d ] && echo stays', ['stays']],
    ['mkdir -m 700 d; mkdir -m755 e; ls', ['d', 'e']],
    ['mkdir -pv v/w v', ["created directory: 'v/'", "created directory: 'v/w'"]],
    ['mkdir -p d/e; touch d/f; rm -r d; [ -e d ] || [ -e d/f ] || [ -d d/e ] || echo gone', ['gone']],
    ['rm -rf /etc nope; ls /etc; echo $?', ['0']],
  ])('the script %j', (script, expected) => {
    const { output, exits } = sh(script);
    expect(output.filter((line) => line !== '')).toEqual(expected);
    expect(exits).toHaveLength(1);
  });
});

describe('mkdir fails', () => {
  const refused = (path: string, why: string) => [`stderr: mkdir: can't create directory '${path}': ${why}`, '1'];
  const usage = 'stderr: Usage: mkdir [-m MODE] [-p] DIRECTORY...';
  test.each([
    ['mkdir nope/a; echo $?', refused('nope/a', 'No such file or directory')],
    ['mkdir /tmp; echo $?', refused('/tmp', 'File exists')],
    ['touch f; mkdir f; echo $?', refused('f', 'File exists')],
    ['touch f; mkdir -p f; echo $?', refused('f', 'File exists')],
    ['touch f; mkdir f/g; echo $?', refused('f/g', 'Not a directory')],
    ['touch f; mkdir -p f/g; echo $?', refused('f/', 'Not a directory')],
    ['mkdir /proc/x; echo $?', refused('/proc/x', 'No such file or directory')],
    ['mkdir a nope/c z; echo $?; ls', [...refused('nope/c', 'No such file or directory'), 'a', 'z']],
    ['mkdir -p; echo $?', [usage, '1']],
    ['mkdir -x a; echo $?; ls', ["stderr: mkdir: invalid option -- 'x'", usage.replace('stderr: ', ''), '1']],
    ['mkdir d; rm d; echo $?; rm -r d && ls', ["stderr: rm: 'd' is a directory", '1']],
    ['rm nope; echo $?', ["stderr: rm: can't remove 'nope': No such file or directory", '1']],
  ])('in the script %j', (script, expected) => {
    expect(sh(script).output.filter((line) => line !== '')).toEqual(expected);
  });

  test('on a read-only file system, unless the directory exists', () => {
    const machine = new Machine({ ...NOWHERE, isReadOnly: (file) => file.startsWith('/tmp') });
    let output = '';
    const take = (text: string) => {
      output += text;
    };
    const run = (...args: string[]) => runProgram('mkdir', args, { machine, now: 0, out: take, error: take });
    expect([run('/tmp/a'), run('-p', '/tmp/b/c'), run('/tmp'), run('-p', '/tmp'), run('/home/a')]).toEqual([
      1, 1, 1, 0, 0,
    ]);
    expect(output).toBe(
      [
        "mkdir: can't create directory '/tmp/a': Read-only file system",
        "mkdir: can't create directory '/tmp/b/': Read-only file system",
        "mkdir: can't create directory '/tmp': File exists",
        '',
      ].join('\n'),
    );
    expect([...machine.directories]).toEqual(['/home/a']);
  });
});
