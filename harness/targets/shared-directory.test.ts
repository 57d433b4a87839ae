// Tests --shared-dir, the directory in which the target and the suite share files.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { onMethod } from '../../fakes/base/cri-call';
import { startRuntimeServer } from '../../fakes/runtime/server';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { ckptest } from '../testing/command-line';

const MAX_TEST_MS = 60_000;

let directory: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'shared-'));
});
afterEach(() => fs.rm(directory, { recursive: true }));

test(
  'archives are written below it, nothing is left there, and the repeat commands contain the flag',
  async () => {
    const locations: string[] = [];
    const noticing = onMethod('CheckpointContainer', (call, next) => {
      locations.push(call.request.location);
      return next(call);
    });
    await using runtime = await startRuntimeServer({ images: [DEFAULT_IMAGE], cri: [noticing] });
    const target = ['--runtime-endpoint', runtime.endpoint, '--shared-dir', directory];
    const { out } = await ckptest(['run', ...target, '--focus', 'is-a-plain-tar$', '--output', 'json']);
    const { run, results }: Report = JSON.parse(out);
    expect(results.map(({ status }) => status).filter((status) => status !== 'skipped')).toEqual(['pass']);
    expect(locations.length).toBeGreaterThan(1);
    for (const location of locations) expect(location.startsWith(`${directory}/ckptest-`)).toBe(true);
    expect(run.command).toContain(` --shared-dir ${directory} `);
    expect(await fs.readdir(directory)).toEqual([]);
  },
  MAX_TEST_MS,
);

test.each([
  ['/nowhere', ['--runtime-endpoint', 'unix:///nowhere.sock'], /^ckptest: --shared-dir \/nowhere: no directory can be/],
  ['/tmp', [], /^ckptest: --shared-dir goes with --runtime-endpoint or --kubelet-binary, and not with the built-in/],
])('mistakes with it give one sentence: %s', async (shared, target, sentence) => {
  const { status, err } = await ckptest(['run', ...target, '--shared-dir', shared]);
  expect(status).toBe(2);
  expect(err).toMatch(sentence);
  expect(err.trim().split('\n')).toHaveLength(1);
});
