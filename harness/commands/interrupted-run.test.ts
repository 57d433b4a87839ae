// Tests that a run always removes everything that it created in the runtime and on disk, however the run ends.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startRuntimeServer } from '../../fakes/runtime/server';
import { CriClient } from '../clients/cri-client';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';

const MAX_TEST_MS = 120_000;
const CLI = path.join(__dirname, '../../dist/harness/cli.js');

type Run = ChildProcessByStdio<null, Readable, Readable>;

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-ending-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

/** Runs the suite on a separate runtime, calls `end` after the first result, and returns what is left. */
async function endedBy(end: (run: Run) => void) {
  await using runtime = await startRuntimeServer({ images: [DEFAULT_IMAGE] });
  const [temporary, reports] = [path.join(directory, 'tmp'), path.join(directory, 'out')];
  fs.mkdirSync(temporary);
  const args = ['run', '--runtime-endpoint', runtime.endpoint, '--report-dir', reports];
  const run = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  const exit = once(run, 'exit');
  let [errorOutput, output] = ['', ''];
  run.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput += text;
  });
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    const before = output;
    output += text;
    if (/^pass/m.test(output) && !/^pass/m.test(before)) end(run);
  });
  const [status] = await exit;
  const client = new CriClient(runtime.endpoint);
  const sandboxes = await client.call('ListPodSandbox', { filter: {} });
  client.close();
  return {
    status,
    errorOutput,
    left: [...fs.readdirSync(temporary), ...(sandboxes.ok ? sandboxes.response.items : ['the runtime is gone'])],
    report: JSON.parse(fs.readFileSync(path.join(reports, 'results.json'), 'utf8')) as Report,
  };
}

test.each<[string, (run: Run) => void]>([
  ['Ctrl-C', (run) => run.kill('SIGINT')],
  ['Ctrl-C, again and again', (run) => [0, 20, 40, 80].map((ms) => setTimeout(() => run.kill('SIGINT'), ms))],
  ['SIGTERM', (run) => run.kill('SIGTERM')],
  ['a terminal that is closed', (run) => run.kill('SIGHUP')],
  ['a reader that has seen enough', (run) => run.stdout.destroy()],
])(
  '%s',
  async (_, end) => {
    const { status, errorOutput, left, report } = await endedBy(end);
    expect(status).toBe(2);
    expect(errorOutput).toMatch(/^ckptest: the run was interrupted; everything that the run created was removed$/m);
    expect(left).toEqual([]);
    expect(report.run.brokenOff).toBe('the run was interrupted');
    const notRun = report.results.filter(({ reason }) => reason === 'not run: the run was interrupted');
    expect(notRun.length).toBeGreaterThan(0);
  },
  MAX_TEST_MS,
);

test('if standard output cannot be written, the run says so and does not succeed', () => {
  const full = fs.openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'specs'], { stdio: ['ignore', full, 'pipe'] });
  fs.closeSync(full);
  expect([status, stderr.toString()]).toEqual([
    2,
    'ckptest: standard output cannot be written (ENOSPC); redirect it elsewhere\n',
  ]);
});
