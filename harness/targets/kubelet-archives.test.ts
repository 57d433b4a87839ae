// Tests the rules about archives on the archives of a kubelet, and which of these archives are removed.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { ckptest, served } from '../testing/command-line';
import { writeManifests } from './subject/pods';

const MAX_TEST_MS = 120_000;
const CONTAINER = ['--container', 'default/counter-node1/count'];

let directory: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'kubelet-archives-'));
  await fs.mkdir(path.join(directory, 'manifests'));
  await writeManifests(path.join(directory, 'manifests'), DEFAULT_IMAGE);
});
afterEach(() => fs.rm(directory, { recursive: true }));

interface Served {
  readonly checkpoints: string;
  run(...words: readonly string[]): Promise<{ readonly status: number; readonly report: Report }>;
}

/** Serves pods and faults while `use` runs the suite on the kubelet. */
async function serving(faults: readonly object[], use: (served: Served) => Promise<void>): Promise<void> {
  const plan = path.join(directory, 'plan.yaml');
  await fs.writeFile(plan, JSON.stringify(faults));
  const words = ['--address', '127.0.0.1', '--pod-manifest-path', path.join(directory, 'manifests'), '--faults', plan];
  await served([...words, '--control-address', '127.0.0.1:0'], async (facts) => {
    const { kubelet = '', certificateAuthority = '', token = '', control = '', rootDir = '' } = facts;
    const target = ['--kubelet-endpoint', kubelet, '--certificate-authority', certificateAuthority, '--token', token];
    const run = async (...more: readonly string[]) => {
      const common = ['run', '--output', 'json', ...target, ...CONTAINER, '--runtime-control', control];
      const { status, out, err } = await ckptest([...common, ...more]);
      if (out === '') throw new Error(err);
      return { status, report: JSON.parse(out) as Report };
    };
    await use({ checkpoints: path.join(rootDir, 'checkpoints'), run });
  });
}

const idsOf = ({ results }: Report, wanted: string) =>
  results.filter(({ status }) => status === wanted).map(({ id }) => id);

test(
  'every rule that needs no new container is tried, and without --checkpoint-dir every archive stays',
  async () => {
    await serving([], async ({ checkpoints, run }) => {
      const { status, report } = await run('--focus', '^archive/');
      expect([status, idsOf(report, 'fail'), idsOf(report, 'error')]).toEqual([0, [], []]);
      const untried = idsOf(report, 'unsupported');
      expect(untried.sort()).toEqual([
        'archive/memory/grows-with-use',
        'archive/memory/of-every-process',
        'archive/memory/of-the-first-process',
        'archive/metadata/has-what-runs',
      ]);
      expect(report.target.found?.['files']).toMatch(/it stays there .* give --checkpoint-dir/);
      expect((await fs.readdir(checkpoints)).length).toBeGreaterThan(1);
    });
  },
  MAX_TEST_MS,
);

test(
  'an archive that is readable by everyone is detected, and removed with --checkpoint-dir',
  async () => {
    const plan = [{ match: { method: 'CheckpointContainer' }, times: 'always', do: { archive: 'wrong-mode' } }];
    await serving(plan, async ({ checkpoints, run }) => {
      const { status, report } = await run('--focus', '^archive/format/', '--checkpoint-dir', checkpoints);
      expect([status, idsOf(report, 'fail').sort()]).toEqual([
        1,
        ['archive/format/is-for-its-owner-only', 'archive/format/is-never-readable-by-others'],
      ]);
      expect(await fs.readdir(checkpoints)).toEqual([]);
    });
  },
  MAX_TEST_MS,
);

test(
  'a named pipe instead of the archive fails its rules at once, and is not removed',
  async () => {
    const pipe = path.join(directory, 'checkpoints', 'checkpoint-pipe.tar');
    await fs.mkdir(path.dirname(pipe));
    execFileSync('mkfifo', [pipe]);
    const body = JSON.stringify({ items: [pipe] });
    await serving([{ match: { method: 'POST' }, times: 'always', do: { body } }], async ({ run }) => {
      const words = ['--focus', 'is-a-plain-tar$|success-leaves-the-archive$', '--checkpoint-dir', directory];
      const { status, report } = await run(...words);
      expect(status).toBe(1);
      expect(report.results.map(({ violation }) => violation?.actual).filter(Boolean)).toEqual([
        expect.stringMatching(/: it is not a regular file$/),
        expect.stringMatching(/: it is not a regular file$/),
      ]);
      expect((await fs.lstat(pipe)).isFIFO()).toBe(true);
    });
  },
  MAX_TEST_MS,
);
