// Tests the files for Sonobuoy: `done` names an archive that contains the results in Sonobuoy's format and all reports.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { extract } from 'tar';
import { parse } from 'yaml';
import { sonobuoyDirectory } from '../run/settings';
import { ckptest } from '../testing/command-line';
import { sonobuoySummary } from './sonobuoy';
import { RESULTS, sampleReport } from './testing/sample-report';

const MAX_TEST_MS = 60_000;

let directory: string;
const before = process.env['SONOBUOY_RESULTS_DIR'];
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-sonobuoy-'));
  process.env['SONOBUOY_RESULTS_DIR'] = path.join(directory, 'results');
});
afterEach(async () => {
  if (before === undefined) delete process.env['SONOBUOY_RESULTS_DIR'];
  else process.env['SONOBUOY_RESULTS_DIR'] = before;
  await fs.rm(directory, { recursive: true });
});

test(
  'done names an archive that contains every report and that other users can read',
  async () => {
    const { status } = await ckptest(['run', '--sonobuoy', '--focus', 'unknown-pod-is-404']);
    expect(status).toBe(0);
    const results = path.join(directory, 'results');
    expect((await fs.readdir(results)).sort()).toEqual(
      [
        'ckptest.tar.gz',
        'done',
        'junit.xml',
        'report.html',
        'report.md',
        'results.json',
        'sonobuoy_results.yaml',
      ].sort(),
    );
    const done = await fs.readFile(path.join(results, 'done'), 'utf8');
    expect(done).toBe(path.join(results, 'ckptest.tar.gz'));
    expect((await fs.stat(done)).mode & 0o777).toBe(0o644);
    const taken = path.join(directory, 'taken');
    await fs.mkdir(taken);
    await extract({ file: done, cwd: taken });
    expect((await fs.readdir(taken)).sort()).toEqual(
      ['junit.xml', 'report.html', 'report.md', 'results.json', 'sonobuoy_results.yaml'].sort(),
    );
    expect(parse(await fs.readFile(path.join(taken, 'sonobuoy_results.yaml'), 'utf8'))).toMatchObject({
      name: 'ckptest',
      status: 'passed',
    });
  },
  MAX_TEST_MS,
);

test(
  'is written in addition to --report-dir, also if the run fails',
  async () => {
    const out = path.join(directory, 'out');
    const nowhere = ['--runtime-endpoint', 'unix:///nowhere.sock'];
    const { status } = await ckptest([
      'run',
      '--sonobuoy',
      '--report-dir',
      out,
      ...nowhere,
      '--focus',
      'unknown-pod-is-404',
    ]);
    expect(status).toBe(2);
    expect(await fs.readdir(out)).toContain('report.html');
    const summary = parse(await fs.readFile(path.join(directory, 'results/sonobuoy_results.yaml'), 'utf8'));
    expect(summary).toMatchObject({ status: 'unknown' });
    await fs.access(path.join(directory, 'results/done'));
  },
  MAX_TEST_MS,
);

test("each status is one of Sonobuoy's, and failures have a reason", () => {
  const { status, items } = parse(sonobuoySummary(sampleReport()));
  const leaves: { name: string; status: string; details?: Record<string, string> }[] = items.flatMap(
    (group: { items: unknown[] }) => group.items,
  );
  expect(status).toBe('failed');
  expect(leaves.map((one) => one.status)).toEqual(['passed', 'failed', 'skipped', 'failed', 'skipped']);
  expect(leaves.map(({ name }) => name)).toEqual(RESULTS.slice(0, -1).map(({ id }) => id.split('/').pop()));
  expect(leaves[1]?.details?.['output']).toMatch(/expected {2}HTTP 404/);
  expect(leaves[2]?.details?.['reason']).toMatch(/^kubelets only lengthen the wait/);
  expect(leaves[0]).not.toHaveProperty('details');
});

test("the default directory is Sonobuoy's", () => {
  expect(sonobuoyDirectory({})).toBe('/tmp/sonobuoy/results');
});
