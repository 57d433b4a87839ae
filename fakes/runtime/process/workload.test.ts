import { describe, expect, test } from '@jest/globals';
import { recognise } from '../shell/script';
import { run, sh } from '../testing/test-workload';
import type { Workload } from './workload';

describe('a counting loop', () => {
  test.each([
    ['i=0; while true; do echo $i; i=$((i+1)); sleep 1; done', 1000],
    [`i=0\nwhile :; do\n  echo "\${i}"\n  i=$(( i + 1 ))\n  sleep 0.1\ndone`, 100],
    ['echo started > /tmp/state; i=0; while true; do echo $i && sleep .5s && i=$((1+i)); done', 500],
  ])('%j counts every %d ms', (script, ms) => {
    const { clock, output, workload } = sh(script);
    clock.advance(3 * ms - 1);
    expect(output).toEqual(['0', '1', '2']);
    clock.advance(1);
    expect(output).toEqual(['0', '1', '2', '3']);
    expect(workload.variables.get('i')).toMatch(/^[34]$/);
  });

  test('does not progress while it is frozen, and then sleeps the remaining time', () => {
    const { clock, output, workload } = sh('i=0; while true; do echo $i; i=$((i+1)); sleep 1; done');
    clock.advance(300);
    workload.freeze();
    workload.freeze();
    clock.advance(60_000);
    expect(output).toEqual(['0']);
    expect(clock.pending).toBe(0);
    workload.thaw();
    workload.thaw();
    clock.advance(699);
    expect(output).toEqual(['0']);
    clock.advance(1);
    expect(output).toEqual(['0', '1']);
  });

  test('leaves no timer after it is stopped, frozen or not', () => {
    const { clock, workload, exits } = sh('while true; do sleep 1; done');
    workload.freeze();
    workload.stop();
    workload.thaw();
    expect(clock.pending).toBe(0);
    expect(exits).toEqual([]);
  });
});

describe('a program exits', () => {
  test.each([
    ['exit 7', 7],
    ['echo init done', 0],
    ['false', 1],
    ['false; exit', 1],
    ['echo a; exit 300', 44],
    ['exit 0', 0],
  ])('%j exits with %d at once', (script, code) => {
    expect(sh(script).exits).toEqual([code]);
  });

  test('after a sleep that is over', () => {
    const { clock, exits } = sh('sleep 2; exit 3');
    clock.advance(1999);
    expect(exits).toEqual([]);
    clock.advance(1);
    expect(exits).toEqual([3]);
  });

  test.each([
    [['sleep', '5'], 5000],
    [['/bin/busybox', 'sleep', '1m'], 60_000],
    [['bash', '-ec', 'exec sleep 1h'], 3_600_000],
  ])('%j ends after %d ms', (argv, ms) => {
    const { clock, exits } = run(...argv);
    clock.advance(ms - 1);
    expect(exits).toEqual([]);
    clock.advance(1);
    expect(exits).toEqual([0]);
  });

  test('never, during an infinite sleep', () => {
    const { clock, exits } = run('sleep', 'infinity');
    clock.advance(1e12);
    expect(exits).toEqual([]);
  });
});

test('echo supports quotes, variables, standard error and files', () => {
  const { output, machine } = sh(
    `a='x  y'; echo "$a" '$a' \\$a "\\"q\\""; echo oops >&2; echo 1 > /tmp/f; echo 2 >> /tmp/f; echo gone > /dev/null`,
  );
  expect(output).toEqual(['x  y $a $a "q"', 'stderr: oops']);
  expect([...machine.files]).toEqual([['/tmp/f', '1\n2\n']]);
});

test('date prints the time of the clock', () => {
  expect(sh('while true; do date; sleep 1; done').output).toEqual(['Tue Nov  3 12:01:07 UTC 2026']);
});

test('a loop that never sleeps does not block the event loop', () => {
  const { clock, output } = sh('while true; do echo y; done');
  clock.advance(1000);
  expect(output.length).toBeGreaterThan(10);
  expect(output.length).toBeLessThan(1000);
  expect(sh('while true; do sleep 0; done').clock.pending).toBe(1);
});

test.each([
  [`trap '' TERM; while true; do sleep 1; done`, 'ignore'],
  [`trap "" SIGTERM INT; sleep 100`, 'ignore'],
  [`trap 'exit 3' TERM; sleep 100`, { exit: 3 }],
  [`trap exit 15; sleep 100`, { exit: 0 }],
  [`trap '' HUP; sleep 100`, 'die'],
  [`trap '' TERM; trap - TERM; sleep 100`, 'die'],
])('%j reacts to TERM with %j', (script, reaction) => {
  expect(sh(script).workload.reaction).toEqual(reaction);
});

test('a sleep is a child process with its own PID', () => {
  const { clock, workload } = sh('while true; do sleep 0.5; done');
  const child = { parentPid: 1, arguments: ['sleep', '0.5'], memoryBytes: 0, plantedStrings: [], openFiles: [] };
  expect(workload.processes.slice(1)).toEqual([{ ...child, pid: 2 }]);
  clock.advance(500);
  expect(workload.processes.slice(1)).toEqual([{ ...child, pid: 3 }]);
});

test('background sleeps run beside the one in the foreground, and are frozen with it', () => {
  const { clock, workload } = sh('sleep 2 & sleep 9 & sleep 1; sleep 100; true');
  const pids = () => workload.processes.slice(1).map(({ pid }) => pid);
  expect(pids()).toEqual([2, 3, 4]);
  clock.advance(1500);
  expect(pids()).toEqual([2, 3, 5]);
  workload.freeze();
  clock.advance(60_000);
  expect(pids()).toEqual([2, 3, 5]);
  workload.thaw();
  clock.advance(500);
  expect(pids()).toEqual([3, 5]);
});

test.each([
  ["x=$(head -c 4194304 /dev/zero | tr '\\0' x); echo ready; sleep 1000; true", 4_194_304],
  ['x="$(head -c 2M /dev/zero | tr \'\\000\' a)"; y=$(head -c 1k /dev/zero); sleep 1000', 2_098_176],
  ["x=$(head -c 10 /dev/zero | tr '\\0' x); x=; sleep 1000", 0],
])('%j allocates %d bytes', (script, bytes) => {
  expect(sh(script).workload.memoryBytes).toBe(bytes);
});

test.each([
  [['nginx', '-g', 'daemon off;']],
  [['/bin/sh']],
  [['sh', '-c', 'cat /etc/passwd | wc -l']],
  [['sh', '-c', 'for i in 1 2; do echo $i; done | sort']],
  [['sh', '-c', 'for 1a in 1 2; do echo $i; done']],
  [['sh', '-c', 'for i; do echo $i; done']],
  [['sh', '-c', 'for i in 1 2; echo $i; done']],
  [['sh', '-c', 'for i in 1 2; do echo $i']],
  [['sh', '-c', 'for i in 1 2 && do echo $i; done']],
  [['sh', '-c', 'for i in 1 2 > /f; do echo $i; done']],
  [['sh', '-c', 'echo $(for i in 1 2; do echo $i; done)']],
  [['sh', '-c', 'echo $(nginx)']],
  [['sh', '-c', 'echo $(sleep 1; date)']],
  [['sh', '-c', 'echo $(while true; do date; done)']],
  [['sh', '-c', 'echo "$(date"']],
  [['sh', '-c', 'echo `date']],
  [['sh', '-c', 'while true; do sleep 1']],
  [['sh', '-c', 'echo "open']],
  [['sh', '-c', 'echo a >']],
  [['sh', '-c', 'if true; then echo a']],
  [['sh', '-c', 'done']],
  [['sh', '-c', 'echo a &&']],
  [['sh', '-c', '& true']],
  [['sh', '-c', 'nginx']],
  [[]],
])('%j is not supported, and runs silently', (argv) => {
  const { clock, output, exits } = run(...argv);
  expect(recognise(argv)).toBeUndefined();
  clock.advance(1e9);
  expect([output, exits, clock.pending]).toEqual([[], [], 0]);
});

describe('the shell', () => {
  test.each([
    ['true && echo a || echo b', ['a']],
    ['false && echo a || echo b', ['b']],
    ['false && echo a; echo $?', ['1']],
    ['if [ -f /x ]; then echo there; else echo not; fi', ['not']],
    ['touch /x; if test -e /x && [ -d /tmp ]; then echo there; fi', ['there']],
    ['if false; then echo 1; elif true; then echo 2; else echo 3; fi; echo end', ['2', 'end']],
    ['i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done; echo done', ['0', '1', '2', 'done']],
    ['i=0; until [ $i = 2 ]; do i=$((i+1)); done; echo $i', ['2']],
    ['while true; do echo once; break; done; echo out', ['once', 'out']],
    ['echo a > /f; echo b >> /f; cat /f', ['a', 'b']],
    ['cat /nope; echo $?', ["stderr: cat: can't open '/nope': No such file or directory", '1']],
    ['cat /nope 2>/dev/null; echo oops >&2 2>/dev/null; echo a 1>&2', ['stderr: oops', 'stderr: a']],
    ['echo x > /f 2>&1; rm /f; rm -f /f; [ ! -f /f ] && echo gone', ['gone']],
    ['exec 3>>/f; echo one >&3; echo two >&3; cat /f', ['one', 'two']],
    ['printf "%s-%s\\n" a b; echo -n c; pwd; hostname', ['a-b', 'c', '/srv', '']],
    ['echo $HOME; printenv HOME; printenv NOPE || env', ['/root', '/root', 'HOME=/root']],
    ["sh -c 'exit 5'; echo $?", ['5']],
    ["sh -c 'sleep 1; echo child' & wait; echo parent", ['child', 'parent']],
    ['sleep x; echo $?', ["stderr: sleep: invalid number 'x'", '1']],
  ])('the script %j prints the expected lines', (script, expected) => {
    const { clock, output, exits } = sh(script);
    clock.advance(2000);
    expect(output).toEqual(expected);
    expect(exits).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('has open files, variables and children in its view', () => {
    const { workload } = sh("exec 9>>/log; echo four >&9; s=secret; sh -c 't=child; sleep 9' & sleep 5; true");
    const processes = workload.processes.map(({ pid, parentPid, plantedStrings, openFiles }) => ({
      pid,
      parentPid,
      plantedStrings,
      openFiles,
    }));
    const openFiles = [{ fd: 9, path: '/log', append: true, position: 5 }];
    expect(processes[0]).toEqual({ pid: 1, parentPid: 0, plantedStrings: ['s=secret'], openFiles });
    expect(processes[1]).toMatchObject({ pid: 2, parentPid: 1 });
    expect(processes[2]).toEqual({ pid: 3, parentPid: 1, plantedStrings: [], openFiles });
  });
});

describe('netcat', () => {
  const held = ({ processes }: Workload) =>
    processes.flatMap(({ pid, unixSockets = [] }) => unixSockets.map((socket) => ({ pid, ...socket })));

  test('listens and connects as separate processes', () => {
    const { clock, workload, output } = sh(
      'nc -lkU /run/a.sock & while [ ! -S /run/a.sock ]; do sleep 1; done; nc -U /run/a.sock & nc -U /run/a.sock & wait',
    );
    clock.advance(1000);
    expect(held(workload)).toEqual([
      { pid: 2, fd: 3, number: 1, path: '/run/a.sock', backlog: 5 },
      { pid: 2, fd: 4, number: 3, path: '/run/a.sock', peer: 2 },
      { pid: 2, fd: 5, number: 5, path: '/run/a.sock', peer: 4 },
      { pid: 4, fd: 3, number: 2, path: '', peer: 3 },
      { pid: 5, fd: 3, number: 4, path: '', peer: 5 },
    ]);
    expect(output).toEqual([]);
    expect(workload.processes.map((process) => process.arguments[0])).toEqual(['/bin/sh', 'nc', 'nc', 'nc']);
  });

  test.each([
    ['nc -U /run/a.sock; echo $?', ['stderr: nc: unix connect failed: No such file or directory', '1']],
    ['touch /a; nc -U /a; echo $?', ['stderr: nc: unix connect failed: Connection refused', '1']],
    ['touch /a; nc -lkU /a; echo $?', ['stderr: nc: unix bind failed: Address already in use', '1']],
    [
      'nc -l -k -U ../tmp/a & sleep 1; ls /tmp; rm /tmp/a; [ -e /tmp/a ] || echo gone; nc -U /tmp/a',
      ['a', 'gone', 'stderr: nc: unix connect failed: No such file or directory'],
    ],
  ])('the script %j prints the expected lines', (script, expected) => {
    const { clock, output, exits } = sh(script);
    clock.advance(2000);
    expect(output).toEqual(expected);
    expect(exits).toHaveLength(1);
  });

  test.each([['-l', '80'], ['-lU', '/a'], ['-U'], ['-z', '-U', '/a']])(
    'is not supported with other arguments: %j',
    (...args) => {
      expect(recognise(['nc', ...args])).toBeUndefined();
    },
  );
});
