// Tests ExecSync: common commands, timeouts, containers that are not running, and prepared responses.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { type TestClient, testClient, until } from '../testing/test-client';

let clock: ManualClock;
let runtime: RuntimeServer;
let client: TestClient;
let container_id: string;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 10, 23, 12));
  runtime = await startRuntimeServer({
    clock,
    settings: { hostname: 'node1' },
    exec: [{ match: { container: 'main', command: ['ready'] }, stdout: 'laid down', stderr: 'e', exitCode: 4 }],
  });
  client = testClient(runtime.endpoint);
  const command = ['sh', '-c', 'echo written > /tmp/file; sleep 1000; true'];
  const envs = [{ key: 'GREETING', value: Buffer.from('hello') }];
  container_id = await client.container(await client.pod(), { command, envs });
  clock.advance(0);
});
afterEach(async () => {
  client[Symbol.dispose]();
  await runtime.close();
});

const exec = async (...cmd: string[]) => {
  const { stdout, stderr, exit_code } = await client.call('ExecSync', { container_id, cmd });
  return [stdout.toString(), stderr.toString(), exit_code];
};

describe('ExecSync runs', () => {
  test.each([
    [['true'], '', '', 0],
    [['/bin/false'], '', '', 1],
    [['/bin/echo', 'hi', 'there'], 'hi there\n', '', 0],
    [['cat', '/tmp/file'], 'written\n', '', 0],
    [['cat', '/nope'], '', "cat: can't open '/nope': No such file or directory\n", 1],
    [['sh', '-c', 'exit 3'], '', '', 3],
    [['/bin/sh', '-c', 'echo oops >&2; echo out'], 'out\n', 'oops\n', 0],
    [['sh', '-c', 'test -f /tmp/file && echo "$GREETING"'], 'hello\n', '', 0],
    [['sh', '-c', 'echo $(id -u):$(id -g)'], '0:0\n', '', 0],
    [['sh', '-c', 'echo $(nope); echo $?; $(exit 4); echo $?'], '\n0\n4\n', 'sh: nope: not found\n', 0],
    [['sh', '-c', "x='echo  hi'; $x there"], 'hi there\n', '', 0],
    [['sh', '-c', 'nope; echo $?'], '127\n', 'sh: nope: not found\n', 0],
    [['sh', '-c', 'for i in 1 2; do echo $i; done | sort'], '', expect.stringContaining('syntax error'), 2],
    [['ready'], 'laid down', 'e', 4],
  ])('the command %j', async (cmd, stdout, stderr, code) => {
    expect(await exec(...cmd)).toEqual([stdout, stderr, code]);
  });

  test('a command with the environment and the files of the container', async () => {
    const [environment] = await exec('env');
    expect(environment).toMatch(/^PATH=.*\nHOSTNAME=node1\nGREETING=hello\n$/);
    await exec('sh', '-c', 'echo new > /tmp/other');
    expect(await exec('cat', '/tmp/other')).toEqual(['new\n', '', 0]);
  });

  test('a command for as long as it takes', async () => {
    const answer = client.call('ExecSync', { container_id, cmd: ['sleep', '2'], timeout: 3 });
    await until(() => clock.pending === 3);
    clock.advance(2000);
    expect(await answer).toMatchObject({ exit_code: 0 });
    expect(clock.pending).toBe(1);
  });
});

describe('ExecSync fails', () => {
  test('when its timeout has passed', async () => {
    const failure = client.failure('ExecSync', { container_id, cmd: ['sleep', '10'], timeout: 1 });
    await until(() => clock.pending === 3);
    clock.advance(1000);
    expect(await failure).toBe(
      `4 DEADLINE_EXCEEDED: failed to exec in container "${container_id}": timeout 1s exceeded: context deadline exceeded`,
    );
    expect(clock.pending).toBe(1);
  });

  test('for an unknown program, an empty command, a negative timeout and an unknown container', async () => {
    const failure = (cmd: string[], extra = {}) => client.failure('ExecSync', { container_id, cmd, ...extra });
    expect(await failure(['/nope'])).toMatch(/^3 INVALID_ARGUMENT: .*exec: "\/nope": stat \/nope: no such file/);
    expect(await failure(['nope'])).toContain('executable file not found in $PATH');
    expect(await failure(['/opt/bin/echo', 'x'])).toMatch(
      /exec: "\/opt\/bin\/echo": stat \/opt\/bin\/echo: no such file/,
    );
    expect(await failure(['/opt/sh', '-c', 'true'])).toMatch(/exec: "\/opt\/sh": stat \/opt\/sh: no such file/);
    expect(await failure(['/etc/passwd'])).toMatch(/exec: "\/etc\/passwd": permission denied$/);
    expect(await failure(['/tmp'])).toMatch(/exec: "\/tmp": is a directory$/);
    expect(await failure(['bin/echo', 'x'])).toBe('OK');
    expect(await failure([])).toContain('the command is empty');
    expect(await failure(['true'], { timeout: -1 })).toContain('the timeout is negative');
    expect(await failure(['true'], { container_id: 'ffff' })).toMatch(/^5 NOT_FOUND/);
  });

  test('while the container is frozen, and after it has exited', async () => {
    runtime.control.freeze(container_id);
    const failure = () => client.failure('ExecSync', { container_id, cmd: ['true'] });
    expect(await failure()).toMatch(/^9 FAILED_PRECONDITION: .*cannot exec in a paused state$/);
    runtime.control.thaw(container_id);
    runtime.control.exit(container_id, 0);
    expect(await failure()).toMatch(/container is in CONTAINER_EXITED state$/);
  });
});

test('a command is frozen and ended together with its container', async () => {
  const answer = client.call('ExecSync', { container_id, cmd: ['sleep', '10'] });
  await until(() => clock.pending === 2);
  runtime.control.freeze(container_id);
  expect(clock.pending).toBe(0);
  runtime.control.exit(container_id, 0);
  expect(await answer).toMatchObject({ exit_code: 137 });
});

test('the prepared responses can be replaced at run time', async () => {
  runtime.control.setExec([{ match: { pod: 'pod', namespace: 'default' }, stdout: 'all', milliseconds: 500 }]);
  const answer = exec('true');
  await until(() => clock.pending === 2);
  clock.advance(500);
  expect(await answer).toEqual(['all', '', 0]);
  runtime.control.setExec([]);
  expect(await exec('true')).toEqual(['', '', 0]);
});
