// Tests runs on a kubelet binary: the suite starts it, judges it, and always stops it without leaving anything behind.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { startRuntimeServer } from '../../fakes/runtime/server';
import type { Result } from '../report/results';
import { ckptest } from '../testing/command-line';
import { processesWith, writeKubelet, writeProgram } from './managed/testing/programs';

const MAX_TEST_MS = 180_000;

let directory: string;
let kubelet: string;
let temporary: string;

beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'kubelet-binary-'));
  kubelet = await writeKubelet(path.join(directory, 'right'));
});
afterAll(() => fs.rm(directory, { recursive: true }));

beforeEach(async () => {
  // Use a separate temporary directory, so that files of other tests are not mistaken for files of this test.
  temporary = await fs.mkdtemp(path.join(directory, 'tmp-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await fs.readdir(temporary)).toEqual([]);
  expect(await processesWith(temporary)).toEqual([]);
});

const run = (...args: string[]) => ckptest(['run', '--output', 'json', ...args]);

/** Returns the ids of all specs that did not pass, with their statuses. */
const notPassed = (results: readonly Result[]) =>
  results.flatMap(({ id, status }) => (status === 'pass' || status === 'skipped' ? [] : [`${id} ${status}`]));

test(
  'every documented rule runs, and one is a known failure',
  async () => {
    const { status, out, err } = await run('--kubelet-binary', kubelet, '--level', 'documented');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const { target, profile, results } = JSON.parse(out);
    const withoutRoot = process.getuid?.() === 0 ? {} : { 'default-root-directory': expect.any(String) };
    expect({ ...target, profile }).toMatchObject({
      kubelet: `v1.36.2+ckptest, ${kubelet}, started by the suite`,
      runtime: 'built-in fake',
      lacks: withoutRoot,
      profile: 'kubelet',
    });
    expect(notPassed(results).filter((row) => !row.endsWith(' unsupported'))).toEqual([
      'kubelet/timeout/shorter-ends-the-wait known-failure',
    ]);
    expect(results.find(({ id }: Result) => id === 'kubelet/gate/disabled-is-404')).toMatchObject({ status: 'pass' });
  },
  MAX_TEST_MS,
);

test(
  '--kubelet-arg reaches the kubelet: as the documented persona it passes that rule',
  async () => {
    const args = ['--kubelet-binary', kubelet, '--kubelet-arg=--kubelet-persona=documented', '--focus', 'shorter-ends'];
    const { status, out } = await run(...args);
    expect([status, notPassed(JSON.parse(out).results)]).toEqual([0, []]);
  },
  MAX_TEST_MS,
);

test(
  'a kubelet that ignores its configuration file fails rules',
  async () => {
    const stubborn = await writeKubelet(path.join(directory, 'stubborn'), '--feature-gates=ContainerCheckpoint=true');
    const { status, out } = await run(
      '--kubelet-binary',
      stubborn,
      '--focus',
      '^kubelet/gate/disabled-is-404$|unknown-pod-is-404$',
    );
    expect([status, notPassed(JSON.parse(out).results)]).toEqual([1, ['kubelet/gate/disabled-is-404 fail']]);
  },
  MAX_TEST_MS,
);

test('if the kubelet exits at startup, the message contains its last lines', async () => {
  const dying = await writeProgram(
    path.join(directory, 'dying'),
    'case "$*" in *--version*) echo "Kubernetes v1.36.2";; *) echo "E1: no swap, please" >&2; exit 3;; esac',
  );
  const { status, out, err } = await run('--kubelet-binary', dying);
  expect([status, out]).toEqual([2, '']);
  expect(err).toBe(
    `ckptest: --kubelet-binary ${dying}: the kubelet ended with exit status 3 before it answered; its last output:\nE1: no swap, please\n`,
  );
});

test.each([
  [['--kubelet-binary', '/nowhere/kubelet'], /^ckptest: --kubelet-binary \/nowhere\/kubelet: there is no such program/],
  [['--kubelet-binary', '/etc'], /^ckptest: --kubelet-binary \/etc: there is no such program/],
  [
    ['--kubelet-binary', 'sh', '--mutant', 'kubelet-success-is-201'],
    /^ckptest: --mutant goes with the built-in fakes, /,
  ],
  [['--kubelet-arg=--v=4'], /^ckptest: --kubelet-arg goes with --kubelet-binary, /],
])('%j gives a message of one sentence', async (args, sentence) => {
  const { status, out, err } = await run(...args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(sentence);
  expect(err.trim().split('\n')).toHaveLength(1);
});

test(
  'an interruption stops the kubelet, also while it starts',
  async () => {
    const silent = await writeProgram(
      path.join(directory, 'silent'),
      'case "$*" in *--version*) ;; *) sleep 1000;; esac',
    );
    const end = new AbortController();
    const running = ckptest(['run', '--kubelet-binary', silent], end.signal);
    while ((await processesWith(temporary)).length === 0);
    end.abort();
    expect(await running).toEqual({
      status: 2,
      out: '',
      err: 'ckptest: the run was interrupted; everything that the run created was removed\n',
    });
  },
  MAX_TEST_MS,
);

test(
  'if the suite is killed, its kubelets are stopped too',
  async () => {
    const files = [path.join(directory, 'right/load-typescript.js'), path.join(__dirname, '../cli.ts')];
    const args = ['run', '--kubelet-binary', kubelet, '--focus', '^kubelet/(gate|status-codes)'];
    const suite = spawn(process.execPath, ['-r', ...files, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: temporary },
    });
    let output = '';
    for await (const text of suite.stdout.setEncoding('utf8')) {
      output += text;
      if (/^pass/m.test(output)) break;
    }
    const kubelets = (await processesWith(temporary)).filter((id) => id !== suite.pid);
    suite.kill('SIGKILL');
    expect(kubelets.length).toBeGreaterThan(0);
    while ((await processesWith(temporary)).length > 0) await setTimeout(20);
    // A killed process cannot remove its directories, but their names show that they belong to ckptest.
    const left = await fs.readdir(temporary);
    expect(left.filter((name) => !name.startsWith('ckptest-'))).toEqual([]);
    for (const name of left) await fs.rm(path.join(temporary, name), { recursive: true });
  },
  MAX_TEST_MS,
);

test(
  'if the kubelet dies during the run, the remaining specs do not fail',
  async () => {
    let killed = false;
    const kill = async () => {
      if (killed) return;
      killed = true;
      for (const id of await processesWith(temporary)) process.kill(id, 'SIGKILL');
    };
    const args = ['run', '--kubelet-binary', kubelet, '--focus', '^kubelet/status-codes'];
    const { status, out } = await ckptest(args, undefined, (text) => void (/^pass/m.test(text) && kill()));
    expect(status).toBe(2);
    expect(out).toMatch(/^ERROR .*\n(.*\n)+? +because +the kubelet was ended by SIGKILL during the run; /m);
    expect(out).not.toMatch(/^FAIL/m);
  },
  MAX_TEST_MS,
);

test(
  'on a given runtime only one kubelet runs at a time, and its pods are removed',
  async () => {
    await using runtime = await startRuntimeServer({ images: ['docker.io/library/busybox:latest'] });
    const args = [
      '--kubelet-binary',
      kubelet,
      '--runtime-endpoint',
      runtime.endpoint,
      '--focus',
      '^kubelet/gate/d.*-404$',
    ];
    const { status, out } = await run(...args);
    const { target, results } = JSON.parse(out);
    expect(status).toBe(0);
    expect(target.lacks.runtime).toMatch(/omit --kubelet-binary/);
    expect(notPassed(results).filter((row) => row.startsWith('kubelet/'))).toEqual([]);
    expect(runtime.control.state().sandboxes).toEqual([]);
    const { method, request } = runtime.calls.find((call) => call.method === 'RunPodSandbox') ?? {};
    expect([method, JSON.stringify(request)]).toEqual(['RunPodSandbox', expect.stringContaining('ckptest')]);
  },
  MAX_TEST_MS,
);
