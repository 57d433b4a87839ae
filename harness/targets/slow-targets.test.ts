// Tests targets that are slow or cannot clean up. The run reports a slow target at its start, and a failed clean-up at
// its end. The specs pass on both.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { type CriWrapper, onMethod } from '../../fakes/base/cri-call';
import { startRuntimeServer } from '../../fakes/runtime/server';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { ckptest } from '../testing/command-line';
import { directoryPerTest } from '../testing/temporary-directory';

const MAX_TEST_MS = 120_000;
/** Duration of a step that is long enough to be reported as slow, milliseconds. */
const SLOW_MS = 5_100;

const directory = directoryPerTest('slow');

/** Runs specs on a fake runtime with an interceptor. */
async function runOn(cri: CriWrapper, focus: string, ...args: readonly string[]) {
  await using runtime = await startRuntimeServer({ images: [DEFAULT_IMAGE], cri: [cri] });
  const all = ['run', '--runtime-endpoint', runtime.endpoint, '--focus', focus, ...args];
  const said = await ckptest([...all, '--report-dir', path.join(directory(), 'out')]);
  const file = path.join(directory(), 'out', 'results.json');
  const report: Report = JSON.parse(fs.readFileSync(file, 'utf8'));
  const statuses = report.results.map(({ status }) => status).filter((status) => status !== 'skipped');
  return { ...said, report, statuses };
}

test(
  'a runtime that takes long to stop a sandbox: the run says so at its start, and stops few',
  async () => {
    let stops = 0;
    const slow = onMethod('StopPodSandbox', async (call, next) => {
      stops += 1;
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      return next(call);
    });
    const { status, out, report, statuses } = await runOn(slow, '^runtime/lists/containers-');
    expect([status, statuses]).toEqual([0, ['pass', 'pass', 'pass', 'pass']]);
    expect(out).toContain('  slow: stopping a sandbox takes 5 s here\n');
    expect(out.indexOf('slow: ')).toBeLessThan(out.indexOf('pass '));
    expect([report.target.slow, report.run.parallel]).toEqual([['stopping a sandbox takes 5 s here'], 4]);
    // One call from the probe, and at most two calls from each of the specs that ran at the same time.
    expect(stops).toBeLessThanOrEqual(9);
  },
  MAX_TEST_MS,
);

test(
  'a runtime that cannot stop sandboxes: the specs pass, and what is left is reported once',
  async () => {
    const refuses = onMethod('StopPodSandbox', () => Promise.reject(new Error('not today')));
    const { status, out, err, report, statuses } = await runOn(
      refuses,
      '^runtime/lists/containers-',
      '--parallel',
      '1',
    );
    expect([status, statuses]).toEqual([2, ['pass', 'pass', 'pass', 'pass']]);
    const left = report.run.left ?? [];
    // The probe left one of these items: a run continues even if its probe cannot clean up.
    expect(left.length).toBeGreaterThan(1);
    expect(new Set(left).size).toBe(left.length);
    for (const one of left) expect(one).toMatch(/^StopPodSandbox [0-9a-f]{64}: .*not today/);
    expect(out).toContain(`not removed: ${left.join('; ')}\n`);
    expect(report.verdict.exit.reason).toBe(`${left.length} things could not be removed`);
    expect(err).toBe(`ckptest: not everything could be removed: ${left.join('; ')}\n`);
  },
  MAX_TEST_MS,
);

test(
  'a dump that fails once is tried again, and the report counts it',
  async () => {
    let calls = 0;
    const fails = onMethod('CheckpointContainer', (call, next) => {
      calls += 1;
      // The first call is from the probe.
      return calls === 2 ? Promise.reject(new Error('criu failed')) : next(call);
    });
    const rules = '^archive/format/is-a-plain-tar$|^runtime/checkpoint/every-dump-succeeds$';
    const { status, out, report } = await runOn(fails, rules);
    expect(status).toBe(0);
    expect(report.run.dumps).toEqual({ tried: 6, failed: 1 });
    expect(out).toContain('checkpoints: 1 of 6 failed that rules took for granted; each was tried once more\n');
    const failed = report.results.filter((result) => result.status === 'fail').map(({ id }) => id);
    expect(failed).toEqual(['runtime/checkpoint/every-dump-succeeds']);
  },
  MAX_TEST_MS,
);

test(
  '--max-duration ends a run with a report that counts the rest',
  async () => {
    const slow = onMethod('StartContainer', async (call, next) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return next(call);
    });
    const { status, err, out, report } = await runOn(slow, '^runtime/', '--max-duration', '2');
    const why = 'the time of the run is over (--max-duration 2)';
    expect([report.run.brokenOff, report.run.left, err]).toEqual([
      why,
      undefined,
      status === 1 ? '' : `ckptest: ${why}; everything that the run created was removed\n`,
    ]);
    const notRun = report.results.filter(({ reason }) => reason === `not run: ${why}`).length;
    expect(notRun).toBeGreaterThan(10);
    expect(out).toContain(`the run ended early: ${why}; ${notRun} rules were not run\n`);
    expect(fs.readdirSync(directory())).toEqual(['out']);
  },
  MAX_TEST_MS,
);
