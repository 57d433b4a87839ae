// Tests targets with IPv6 addresses: a kubelet, its API server, and its runtime.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { ckptest, served } from '../testing/command-line';
import { writeManifests } from './subject/pods';

const MAX_TEST_MS = 120_000;

async function statusesOf(args: readonly string[]): Promise<readonly string[]> {
  const { out, err } = await ckptest(['run', '--output', 'json', ...args]);
  if (out === '') throw new Error(err);
  const { results }: Report = JSON.parse(out);
  return results.filter(({ status }) => status !== 'skipped').map(({ status, reason = '' }) => status + reason);
}

test(
  'a kubelet is reached directly and through its API server',
  async () => {
    const manifests = await fs.mkdtemp(path.join(os.tmpdir(), 'ipv6-'));
    await writeManifests(manifests, DEFAULT_IMAGE);
    const args = ['--address', '::1', '--api-server', '--pod-manifest-path', manifests];
    await served(args, async ({ kubelet = '', certificateAuthority = '', token = '', kubeconfig = '' }) => {
      expect(kubelet).toMatch(/^https:\/\/\[::1\]:\d+$/);
      expect(await fs.readFile(kubeconfig, 'utf8')).toMatch(/https:\/\/\[::1\]:\d+/);
      const common = ['--container', 'default/counter-node1/count', '--focus', '/success-names-one-archive$'];
      const direct = ['--kubelet-endpoint', kubelet, '--certificate-authority', certificateAuthority, '--token', token];
      expect(await statusesOf([...direct, ...common])).toEqual(['pass']);
      expect(await statusesOf(['--node', 'node1', '--kubeconfig', kubeconfig, ...common])).toEqual(['pass']);
    });
    await fs.rm(manifests, { recursive: true });
  },
  MAX_TEST_MS,
);

test(
  'a runtime is called by the suite and by the kubelets of the suite',
  async () => {
    await served(['--runtime-only', '--runtime-listen', 'tcp://[::1]:0'], async ({ runtime = '' }) => {
      expect(runtime).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
      const focus = ['--focus', '^kubelet/(status-codes/success-is-200|runtime-restart/)|^runtime/checkpoint/'];
      const statuses = await statusesOf(['--runtime-endpoint', runtime, ...focus]);
      expect(new Set(statuses)).toEqual(new Set(['pass']));
    });
  },
  MAX_TEST_MS,
);
