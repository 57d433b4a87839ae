// Tests the verdicts of whole runs as users see them: headline, conformance, safety and exit status.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { writeManifests } from '../targets/subject/pods';
import { ckptest, served } from '../testing/command-line';

const MAX_TEST_MS = 180_000;

let directory: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'verdicts-'));
});
afterEach(() => fs.rm(directory, { recursive: true }));

interface Verdicts {
  readonly status: number;
  readonly headline: RegExp;
  readonly conformance: string;
  readonly hasHarm: boolean;
}

test.each<[what: string, args: readonly string[], verdicts: Verdicts]>([
  [
    'a stock containerd 2.3 conforms although it does not restore, and its failures count',
    ['--persona', 'containerd-2.3'],
    { status: 1, headline: /^\d+ of \d+ rules fail, 2 known failures$/, conformance: 'conformant', hasHarm: true },
  ],
  [
    'the same with its known failures accepted is still unsafe',
    ['--persona', 'containerd-2.3', '--known-failures', 'containerd-2.3'],
    { status: 0, headline: /^\d+ of \d+ rules hold, \d+ known failures$/, conformance: 'conformant', hasHarm: true },
  ],
  [
    'a containerd 2.1 that freezes containers conforms, and its failures count',
    ['--persona', 'containerd-2.1'],
    { status: 1, headline: /^\d+ of \d+ rules fail, 2 known failures$/, conformance: 'conformant', hasHarm: true },
  ],
  [
    'a CRI-O that restores conforms with its known failures, whose list is chosen by what was probed',
    ['--persona', 'cri-o-1.37+restore', '--known-failures', 'cri-o-1.37'],
    { status: 0, headline: /^\d+ of \d+ rules hold, \d+ known failures$/, conformance: 'conformant', hasHarm: true },
  ],
  [
    'a runtime that refuses every checkpoint conforms',
    ['--persona', 'containerd-1.6'],
    { status: 0, headline: /^all \d+ rules that could be tried hold$/, conformance: 'conformant', hasHarm: false },
  ],
  [
    'hardening rules alone say nothing about conformance, and their failures count',
    ['--persona', 'containerd-2.1', '--level', 'hardening', '--focus', '^runtime/(location|deadline)/'],
    { status: 1, headline: /^\d+ of \d+ rules fail$/, conformance: 'undecided', hasHarm: true },
  ],
  [
    'a part of the required rules verifies conformance in part',
    ['--focus', '^kubelet/status-codes/'],
    { status: 0, headline: /^all \d+ rules that could be tried hold$/, conformance: 'partly verified', hasHarm: false },
  ],
  [
    'the same is a failure if conformance has to be complete',
    ['--focus', '^kubelet/status-codes/', '--require-complete'],
    { status: 1, headline: /^all \d+ rules that could be tried hold$/, conformance: 'partly verified', hasHarm: false },
  ],
])(
  '%s',
  async (_, args, { status, headline, conformance, hasHarm }) => {
    const { status: ended, out } = await ckptest(['run', ...args, '--output', 'json']);
    const { verdict, results }: Report = JSON.parse(out);
    expect(results.filter(({ status }) => status === 'error')).toEqual([]);
    expect(verdict.headline).toMatch(headline);
    expect(verdict.conformance.status).toBe(conformance);
    expect(verdict.safety.harms.length > 0).toBe(hasHarm);
    expect([ended, verdict.exit.status]).toEqual([status, status]);
  },
  MAX_TEST_MS,
);

test(
  'a kubelet that is tested with little access is only partly verified, which every report shows',
  async () => {
    const manifests = path.join(directory, 'manifests');
    await fs.mkdir(manifests);
    await writeManifests(manifests, DEFAULT_IMAGE);
    const serve = ['--address', '127.0.0.1', '--pod-manifest-path', manifests];
    await served(serve, async ({ kubelet = '', certificateAuthority = '', token = '' }) => {
      const access = ['--kubelet-endpoint', kubelet, '--certificate-authority', certificateAuthority, '--token', token];
      const args = ['run', ...access, '--container', 'default/counter-node1/count', '--report-dir', directory];
      const { status, out } = await ckptest(args);
      const { verdict }: Report = JSON.parse(await fs.readFile(path.join(directory, 'results.json'), 'utf8'));
      const { conformance } = verdict;
      expect([status, verdict.exit.status, conformance.status]).toEqual([0, 0, 'partly verified']);
      const { tried, required } = conformance;
      expect(tried).toBeLessThan(required / 2);
      const sentence = new RegExp(
        `partly verified as a kubelet with the checkpoint endpoint(:|&#58;) all ${tried} required rules that were tried hold, ${required - tried} were not tried`,
      );
      for (const file of ['report.md', 'report.html', 'junit.xml'])
        expect(sentence.test(await fs.readFile(path.join(directory, file), 'utf8')) || file).toBe(true);
      expect(out).toMatch(sentence);
    });
  },
  MAX_TEST_MS,
);

test(
  'failing hardening rules are failures in every report, although they do not decide conformance',
  async () => {
    const args = ['run', '--persona', 'containerd-2.1', '--level', 'hardening', '--report-dir', directory];
    const { status, out } = await ckptest(args);
    const { verdict, results }: Report = JSON.parse(await fs.readFile(path.join(directory, 'results.json'), 'utf8'));
    const failed = results.filter((result) => result.status === 'fail').length;
    expect(failed).toBeGreaterThan(5);
    expect(verdict.headline).toMatch(new RegExp(`^${failed} of \\d+ rules fail\\b`));
    expect([status, verdict.exit.status, verdict.conformance.status]).toEqual([1, 1, 'undecided']);
    expect(out).toContain(verdict.headline);
    expect(out).not.toMatch(/conformant/i);
    const junit = await fs.readFile(path.join(directory, 'junit.xml'), 'utf8');
    expect(junit.match(/<failure\b/g)?.length).toBeGreaterThanOrEqual(failed);
  },
  MAX_TEST_MS,
);
