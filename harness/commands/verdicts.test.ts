// The verdicts of whole runs, as users see them: headline, conformance, safety and exit status.
import { expect, test } from '@jest/globals';
import type { Report } from '../report/results';
import { ckptest } from '../testing/command-line';

const MAX_TEST_MS = 180_000;

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
