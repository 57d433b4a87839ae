// Tests that `--report-dir` writes all report files completely or not at all, readable only by their owner, even if the
// run fails.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startRuntimeServer } from '../../fakes/runtime/server';
import { specs } from '../../specs/index';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { ckptest } from '../testing/command-line';
import { ReportDirectory } from './report-directory';

jest.setTimeout(120_000);
const FORMS = ['junit.xml', 'report.html', 'report.md', 'results.json'];
const QUICK = ['--focus', 'unknown-pod-is-404'];

let directory: string;
let out: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-report-dir-'));
  out = path.join(directory, 'deep/out');
});
afterEach(() => fs.rm(directory, { recursive: true }));

const written = async (): Promise<Report> => JSON.parse(await fs.readFile(path.join(out, 'results.json'), 'utf8'));
const modeOf = async (file: string) => ((await fs.stat(file)).mode & 0o777).toString(8);

describe('a run that ends well', () => {
  test('writes all files and nothing else, readable only by their owner', async () => {
    const { status, out: output } = await ckptest(['run', ...QUICK, '--report-dir', out]);
    expect(status).toBe(0);
    expect((await fs.readdir(out)).sort()).toEqual(FORMS);
    expect(await modeOf(out)).toBe('700');
    for (const name of FORMS) expect([name, await modeOf(path.join(out, name))]).toEqual([name, '600']);
    expect(output).toContain(`report:      ${path.join(out, 'report.html')}`);
  });

  test('writes what --output json prints', async () => {
    const { out: output } = await ckptest(['run', ...QUICK, '--report-dir', out, '--output', 'json']);
    expect(JSON.parse(output)).toEqual(await written());
  });

  test('replaces an older report, and replaces a symbolic link instead of following it', async () => {
    await fs.mkdir(out, { recursive: true });
    const elsewhere = path.join(directory, 'elsewhere');
    await fs.writeFile(elsewhere, 'mine');
    await fs.symlink(elsewhere, path.join(out, 'results.json'));
    await fs.writeFile(path.join(out, 'report.md'), 'old', { mode: 0o644 });
    await ckptest(['run', ...QUICK, '--report-dir', out]);
    expect(await fs.readFile(elsewhere, 'utf8')).toBe('mine');
    expect((await written()).results).toHaveLength(specs.length);
    expect(await modeOf(path.join(out, 'report.md'))).toBe('600');
  });
});

describe('a run that fails still writes all files', () => {
  test('if interrupted, the remaining specs are counted as not run', async () => {
    const interrupt = new AbortController();
    const { status } = await ckptest(
      ['run', '--focus', '^kubelet/', '--report-dir', out],
      interrupt.signal,
      (output) => {
        if (output.includes('pass ')) interrupt.abort();
      },
    );
    const { run, results, verdict } = await written();
    expect(status).toBe(2);
    expect(run.brokenOff).toBe('the run was interrupted');
    expect(results.map(({ id }) => id).sort()).toEqual(specs.map(({ id }) => id).sort());
    expect(verdict.exit).toEqual({ status: 2, reason: 'the run was interrupted' });
    expect(results.filter(({ reason }) => reason === 'not run: the run was interrupted').length).toBeGreaterThan(0);
    expect((await fs.readdir(out)).sort()).toEqual(FORMS);
  });

  test('on a target that does not exist', async () => {
    const args = ['run', '--runtime-endpoint', 'unix:///nowhere.sock', '--report-dir', out];
    const { status, out: output, err } = await ckptest(args);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(err).toMatch(/^ckptest: --runtime-endpoint unix:\/\/\/nowhere\.sock: /);
    const { run, verdict, target } = await written();
    expect(run.brokenOff).toMatch(/nowhere\.sock/);
    expect(target.runtime).toBe('unix:///nowhere.sock');
    expect(verdict).toMatchObject({
      conformance: { status: 'undecided' },
      exit: { status: 2 },
      counts: { skipped: specs.length },
    });
    expect(await fs.readFile(path.join(out, 'junit.xml'), 'utf8')).toContain(
      '<error message="exit status 2: --runtime-endpoint',
    );
    expect(await fs.readFile(path.join(out, 'report.html'), 'utf8')).toContain('The run ended early');
  });

  test('on a target that dies during the run', async () => {
    const runtime = await startRuntimeServer({ images: [DEFAULT_IMAGE] });
    let death: Promise<void> | undefined;
    const args = ['run', '--runtime-endpoint', runtime.endpoint, '--focus', '^runtime/', '--timeout', '2'];
    const { status } = await ckptest([...args, '--report-dir', out], undefined, (output) => {
      if (output.includes('pass ')) death ??= runtime.close();
    });
    await death;
    expect(status).not.toBe(0);
    const { results, verdict } = await written();
    expect(results).toHaveLength(specs.length);
    expect(verdict.exit.status).not.toBe(0);
    expect((await fs.readdir(out)).sort()).toEqual(FORMS);
  });
});

describe('a directory that cannot be written', () => {
  test('is reported before the first spec', async () => {
    await fs.writeFile(path.join(directory, 'file'), '');
    const { status, out: output, err } = await ckptest(['run', '--report-dir', path.join(directory, 'file/out')]);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(err).toMatch(
      /^ckptest: --report-dir .*file\/out: no report can be written there \(E[A-Z]+.*name a directory .*\n$/,
    );
  });

  test('that becomes unwritable during the run keeps the older report and contains no incomplete file', async () => {
    const reports = await ReportDirectory.prepare(out, '--report-dir out');
    await fs.writeFile(path.join(out, 'a'), 'old');
    // Create a directory with the name of the second file, so that renaming this file fails.
    await fs.mkdir(path.join(out, 'b/full'), { recursive: true });
    await expect(
      reports.write(
        new Map([
          ['b', 'new'],
          ['a', 'new'],
        ]),
      ),
    ).rejects.toThrow(/could not be written to/);
    expect((await fs.readdir(out)).sort()).toEqual(['a', 'b']);
    expect(await fs.readFile(path.join(out, 'a'), 'utf8')).toBe('old');
  });
});
