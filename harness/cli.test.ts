import fs from 'node:fs/promises';
import os from 'node:os';
import { describe, expect, jest, test } from '@jest/globals';
import { specs } from '../specs/index';
import { ckptest } from './testing/command-line';
import { directoryPerFile } from './testing/temporary-directory';

const { inDirectory, leftOvers } = directoryPerFile('cli');

describe('run', () => {
  test('--output json prints one document with every spec', async () => {
    const { status, out, err } = await ckptest(['run', '--focus', 'status-codes/unknown-pod', '--output', 'json']);
    const { apiVersion, verdict, results, target, profile } = JSON.parse(out);
    expect({ status, err, apiVersion, profile }).toEqual({
      status: 0,
      err: '',
      apiVersion: 'ckptest.report/v2',
      profile: 'pair',
    });
    expect(target.kubelet).toBe('built-in fake');
    expect(results).toHaveLength(specs.length);
    expect(verdict.counts).toMatchObject({ pass: 1, skipped: specs.length - 1 });
    expect(results[0]).toMatchObject({ id: 'kubelet/status-codes/unknown-pod-is-404', status: 'pass' });
  });

  test('shows for a broken rule what was expected, what came, the exchange, and the command that repeats it', async () => {
    const args = ['run', '--focus', 'unknown-pod-is-404', '--mutant', 'kubelet-unknown-pod-is-500'];
    const { status, out } = await ckptest(args);
    expect(status).toBe(1);
    for (const part of [
      /^FAIL +kubelet\/status-codes\/unknown-pod-is-404$/m,
      /FAIL +A request for an unknown pod gets 404\n +rule +kubelet\/status-codes\/unknown-pod-is-404\n +level +documented must\n/,
      /^These fail:\n {2}kubelet\/status-codes\/unknown-pod-is-404 {2}documented must\n/m,
      /source +Kubelet Checkpoint API, D26/,
      /expected +HTTP 404/,
      /happened +A request for an unknown pod got HTTP 500 with the body "pod does not exist"/,
      /HTTP +POST \/checkpoint\/default\/ckptest-absent\/count \(with valid credentials\)\n +-> 500 pod does not exist/,
      /repeat +npx ckptest run --mutant kubelet-unknown-pod-is-500 --seed \d+ --focus '\^kubelet\/status-codes\/unknown-pod-is-404\$'/,
      /^rules: +the only rule that was tried fails$/m,
      /^conformance: not conformant as a kubelet with a runtime: the only required rule that was tried fails, \d+ were not tried$/m,
      /^exit status: 1, /m,
    ])
      expect(out).toMatch(part);
  });

  test('--output tap prints a plan, one line per spec, and the verdict', async () => {
    const { out } = await ckptest(['run', '--focus', 'unknown-pod', '--output', 'tap']);
    expect(out).toMatch(/^TAP version 14\n1\.\.\d+\nok 1 - kubelet\/status-codes\/unknown-pod-is-404\n/);
    expect(out).toMatch(/^# conformance: partly verified as /m);
  });

  test('reports a deviation of the default kubelet as a known failure, and none for the documented persona', async () => {
    const args = ['run', '--focus', 'shorter-ends-the-wait', '--output', 'json'];
    const [standard, documented] = await Promise.all([ckptest(args), ckptest([...args, '--persona', 'documented'])]);
    expect([standard.status, JSON.parse(standard.out).verdict.counts['known-failure']]).toEqual([0, 1]);
    expect([documented.status, JSON.parse(documented.out).verdict.counts.pass]).toEqual([0, 1]);
  });

  test('a persona that refuses checkpoints is conformant as a pair, but not as a runtime that checkpoints', async () => {
    const list = ['--known-failures', 'containerd-1.6'];
    const args = [
      'run',
      '--persona',
      'containerd-1.6',
      ...list,
      '--focus',
      '^runtime/|status-codes',
      '--output',
      'json',
    ];
    const [pair, checkpoints] = await Promise.all([
      ckptest(args),
      ckptest([...args, '--profile', 'runtime-checkpoint']),
    ]);
    expect([pair.status, checkpoints.status]).toEqual([0, 1]);
    expect(JSON.parse(pair.out).target.lacks.checkpoint).toMatch(
      /UNIMPLEMENTED: method CheckpointContainer not implemented/,
    );
    expect(JSON.parse(pair.out).verdict.counts).toMatchObject({ fail: 0, error: 0 });
  }, 30_000);

  test('never shows the value of an environment variable or a credential', async () => {
    const args = ['run', '--focus', 'archive/memory', '--mutant', 'archive-missing', '--output', 'json'];
    const { out } = await ckptest(args);
    expect(out).toContain('"status": "fail"');
    expect(out).toContain('CANARY');
    expect(out).not.toContain('ckptest-canary-');
    expect(out).not.toMatch(/Bearer|PRIVATE KEY/);
  });

  test('reports an entry of the known failures that passes as an error', async () => {
    const list = inDirectory('known.yaml');
    const entry = (id: string) => `- {id: ${id}, reason: told, link: https://example.invalid/1, expires: 2999-01-01}\n`;
    await fs.writeFile(list, entry('kubelet/status-codes/unknown-pod-is-404'));
    const { status, out } = await ckptest(['run', '--focus', 'unknown-pod-is-404', '--known-failures', list]);
    expect(status).toBe(2);
    expect(out).toMatch(/it is listed as a known failure and passes: remove the entry/);
    expect(out).toMatch(/^exit status: 2, 1 rule could not be judged$/m);
  });

  test('accepts a failure that a user lists', async () => {
    const list = inDirectory('excused.yaml');
    const row =
      '- {id: kubelet/timeout/shorter-ends-the-wait, reason: told, link: https://example.invalid/2, expires: 2999-01-01}\n';
    await fs.writeFile(list, row);
    const { status, out } = await ckptest(['run', '--focus', 'shorter-ends-the-wait', '--known-failures', list]);
    expect(status).toBe(0);
    expect(out).toContain('told (https://example.invalid/2, until 2999-01-01)');
  });

  test('if interrupted, it says so, writes the report, and leaves nothing behind', async () => {
    const before = await leftOvers();
    const interrupt = new AbortController();
    const args = ['run', '--focus', 'longer-is-waited-for|shorter-ends'];
    // The first output describes the target, so the run is interrupted after the target has started.
    const { status, out, err } = await ckptest(args, interrupt.signal, () => interrupt.abort());
    expect(status).toBe(2);
    expect(err).toBe('ckptest: the run was interrupted; everything that the run created was removed\n');
    expect(out).toContain('the run was interrupted');
    expect(await leftOvers()).toEqual(before);
  });
});

test('a quoted text cannot send control characters to the terminal', async () => {
  const { err } = await ckptest(['run', '--runtime-endpoint', 'unix:///\u001b[31mnowhere.sock']);
  expect(err).toMatch(/^ckptest: --runtime-endpoint unix:\/\/\/\\u001b\[31mnowhere\.sock: /);
});

test.each([['run'], ['serve']])('%s without a temporary directory says which directory it needs', async (command) => {
  jest.spyOn(os, 'tmpdir').mockReturnValue('/nowhere');
  const { status, err } = await ckptest([command]);
  jest.spyOn(os, 'tmpdir').mockReturnValue(inDirectory('tmp'));
  expect(status).toBe(2);
  expect(err).toMatch(
    /^ckptest: no temporary directory can be created in \/nowhere \(ENOENT.*\); set TMPDIR to a writable directory\n$/,
  );
});

describe('serve', () => {
  test('prints where everything is, answers, and leaves nothing after it is stopped', async () => {
    const before = await leftOvers();
    const end = new AbortController();
    let facts: Record<string, string> = {};
    const { status } = await ckptest(['serve', '--output', 'json'], end.signal, (text) => {
      facts = JSON.parse(text);
      end.abort();
    });
    expect(status).toBe(0);
    expect(Object.keys(facts).sort()).toEqual(
      ['certificateAuthority', 'clientCertificate', 'clientKey', 'kubelet', 'rootDir', 'runtime', 'token'].sort(),
    );
    await expect(fs.stat(facts['rootDir'] ?? '')).rejects.toThrow('ENOENT');
    await expect(fs.stat(facts['clientKey'] ?? '')).rejects.toThrow('ENOENT');
    expect(await leftOvers()).toEqual(before);
  });
});
