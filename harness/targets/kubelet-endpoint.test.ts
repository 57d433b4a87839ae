// Tests runs on a kubelet that is already running, with all kinds of access. These runs leave nothing behind.
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Report, Result } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { type CommandResult, ckptest, served } from '../testing/command-line';
import { podContainers, writeManifests } from './subject/pods';

const MAX_TEST_MS = 120_000;
const COMMON = ['--address', '127.0.0.1'];

let directory: string;
let manifests: string;

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'kubelet-endpoint-'));
  manifests = path.join(directory, 'manifests');
  // Use a separate temporary directory, so that files of other tests are not mistaken for files of this test.
  const temporary = path.join(directory, 'tmp');
  await fs.mkdir(temporary);
  await fs.mkdir(manifests);
  await writeManifests(manifests, DEFAULT_IMAGE);
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});
afterEach(async () => {
  expect(await fs.readdir(os.tmpdir())).toEqual([]);
  jest.restoreAllMocks();
  await fs.rm(directory, { recursive: true });
});

/**
 * Writes a configuration file for a kubelet that reads its manifest directory ten times a second. Returns the arguments
 * that make a kubelet use this file.
 */
async function watchful(): Promise<readonly string[]> {
  const file = path.join(directory, 'kubelet.yaml');
  const kind = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfileCheckFrequency: 100ms\n';
  await fs.writeFile(file, `${kind}authentication: {webhook: {enabled: false}}\nauthorization: {mode: AlwaysAllow}\n`);
  return ['--config', file];
}

type Facts = Record<string, string>;

/** Serves a fake with pods in all states while `use` runs. */
const serving = (args: readonly string[], use: (facts: Facts) => Promise<void>) =>
  served([...COMMON, '--pod-manifest-path', manifests, ...args], use);

const credentials = ({ certificateAuthority = '', clientCertificate = '', clientKey = '' }: Facts) => [
  ...['--certificate-authority', certificateAuthority],
  ...['--client-certificate', clientCertificate, '--client-key', clientKey],
];
const endpoint = (facts: Facts) => ['--kubelet-endpoint', facts['kubelet'] ?? '', ...credentials(facts)];
const given = Object.values(podContainers('node1')).flatMap(({ namespace, pod, container }) => [
  '--container',
  `${namespace}/${pod}/${container}`,
]);

async function run(...args: readonly string[]) {
  const { status, out, err } = await ckptest(['run', '--output', 'json', ...args]);
  if (out === '') throw new Error(err);
  const report: Report = JSON.parse(out);
  const statusOf = (part: string) => report.results.find(({ id }: Result) => id.includes(part))?.status;
  const those = (wanted: string) => report.results.filter((result) => result.status === wanted).map(({ id }) => id);
  return { status, report, statusOf, those };
}

const checkpoints = ({ rootDir = '' }: Facts) => path.join(rootDir, 'checkpoints');
const archives = (facts: Facts) => fs.readdir(checkpoints(facts));

test(
  'given containers are used, and all faults and files of the run are removed afterwards',
  async () => {
    await serving(['--control-address', '127.0.0.1:0'], async (facts) => {
      const control = facts['control'] ?? '';
      const plan = [{ match: { method: 'Status' }, times: 3, do: { delay: '1ms' } }];
      await fetch(`${control}/faults`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(plan),
      });
      const args = [...endpoint(facts), ...given, '--runtime-control', control, '--focus', '^kubelet/'];
      args.push('--checkpoint-dir', checkpoints(facts));
      const { status, report, those, statusOf } = await run(...args);
      expect([status, report.profile, those('fail'), those('error')]).toEqual([0, 'kubelet', [], []]);
      expect(those('known-failure').sort()).toEqual([
        'kubelet/at-once/same-second-keeps-both',
        'kubelet/timeout/shorter-ends-the-wait',
      ]);
      for (const part of ['cri-calls/right-container', 'not-running-is-500', 'runtime-error-is-500', 'refusal-is-500'])
        expect([part, statusOf(part)]).toEqual([part, 'pass']);
      expect(statusOf('archive-place/checkpoints-below')).toBe('pass');
      expect(report.target.found?.['checkpoint']).toMatch(/^POST \/checkpoint\/.* succeeded$/);
      expect(report.target.lacks['kubelet-configuration']).toMatch(/; give --kubelet-binary, /);
      const after: unknown = await (await fetch(`${control}/faults`)).json();
      expect(after).toEqual({ faults: [expect.objectContaining(plan[0] ?? {})] });
      expect(await archives(facts)).toEqual([]);
    });
  },
  MAX_TEST_MS,
);

test(
  'static pods of the suite are placed in the directory and removed again',
  async () => {
    const before = (await fs.readdir(manifests)).sort();
    await serving(await watchful(), async (facts) => {
      const args = [...endpoint(facts), '--pod-manifest-path', manifests, '--focus', 'status-codes|archive-name'];
      const { status, those, statusOf } = await run(...args, '--runtime-endpoint', facts['runtime'] ?? '');
      expect([status, those('fail'), those('error')]).toEqual([0, [], []]);
      expect(statusOf('container-of-another-pod-is-404')).toBe('pass');
      expect((await fs.readdir(manifests)).sort()).toEqual(before);
    });
  },
  MAX_TEST_MS,
);

test(
  'through the API server, rules that the API server itself answers are unsupported',
  async () => {
    await serving(['--api-server'], async ({ kubeconfig = '' }) => {
      const args = ['--node', 'node1', '--kubeconfig', kubeconfig, ...given, '--focus', '^kubelet/'];
      const { status, report, those, statusOf } = await run(...args);
      expect([status, those('fail'), those('error')]).toEqual([0, [], []]);
      expect([statusOf('success-is-200'), statusOf('unknown-pod-is-404')]).toEqual(['pass', 'pass']);
      expect([statusOf('no-credentials-is-401'), statusOf('pod-is-required')]).toEqual(['unsupported', 'unsupported']);
      expect(report.run.command).toContain(`--node node1 --kubeconfig ${kubeconfig}`);
    });
  },
  MAX_TEST_MS,
);

test(
  'a kubelet that breaks a rule fails it, also with a token, which the report does not show',
  async () => {
    const plan = path.join(directory, 'plan.yaml');
    await fs.writeFile(plan, "- {match: {method: POST, pod: 'ckptest-absent'}, times: always, do: {status: 500}}\n");
    await serving(['--faults', plan], async ({ kubelet = '', certificateAuthority = '', token = '' }) => {
      const args = ['--kubelet-endpoint', kubelet, '--certificate-authority', certificateAuthority, '--token', token];
      const { status, report, those } = await run(...args, ...given, '--focus', 'unknown-pod-is-404$|success-is-200$');
      expect([status, those('fail')]).toEqual([1, ['kubelet/status-codes/unknown-pod-is-404']]);
      expect(report.target.lacks['raw-connection']).toMatch(/give --client-certificate/);
      expect(JSON.stringify(report)).not.toContain(token);
    });
  },
  MAX_TEST_MS,
);

test.each([
  [
    'the endpoint is off',
    ['--feature-gates=ContainerCheckpoint=false'],
    1,
    'kubelet',
    /feature gate ContainerCheckpoint/,
  ],
  [
    'the runtime refuses',
    ['--persona', 'containerd-1.6'],
    0,
    'checkpoint',
    /UNIMPLEMENTED: method CheckpointContainer/,
  ],
])(
  'if %s, the report says so',
  async (_, args, wanted, need, reason) => {
    await serving(args, async (facts) => {
      const { status, report, those } = await run(...endpoint(facts), ...given, '--focus', 'status-codes|route/post');
      expect([status, those('fail'), those('error')]).toEqual([wanted, [], []]);
      expect(report.target.lacks[need]).toMatch(reason);
    });
  },
  MAX_TEST_MS,
);

test(
  'what the configuration of a node permits does not fail its kubelet',
  async () => {
    await serving(['--anonymous-auth=true'], async (facts) => {
      const { report, those } = await run(...endpoint(facts), ...given, '--focus', '/no-credentials-is-401$');
      expect(those('unsupported')).toEqual(['kubelet/authentication/no-credentials-is-401']);
      expect(report.results[0]?.reason).toMatch(/configured to accept anonymous requests/);
    });
  },
  MAX_TEST_MS,
);

test(
  'archives are found through --checkpoint-dir, or their rules are unsupported',
  async () => {
    await serving([], async (facts) => {
      const target = path.join(facts['rootDir'] ?? '', 'checkpoints');
      const there = path.join(directory, 'seen-from-here');
      await fs.symlink(target, there);
      const args = [...endpoint(facts), ...given, '--focus', 'success-leaves', '--checkpoint-dir'];
      expect((await run(...args, `${target}=${there}`)).statusOf('success-leaves')).toBe('pass');
      expect(await archives(facts)).toEqual([]);
      const { report, statusOf } = await run(...args, `${target}=/nowhere`);
      expect(statusOf('success-leaves')).toBe('unsupported');
      expect(report.target.lacks['files']).toMatch(
        /does not exist on this machine at \/nowhere\/checkpoint-.*stays on the node/,
      );
    });
  },
  MAX_TEST_MS,
);

test(
  'an interruption leaves nothing behind',
  async () => {
    const before = (await fs.readdir(manifests)).sort();
    const end = new AbortController();
    await serving(await watchful(), async (facts) => {
      const args = ['run', ...endpoint(facts), '--pod-manifest-path', manifests, '--focus', 'status-codes'];
      const { status, err } = await ckptest(args, end.signal, (text) => void (/^pass/m.test(text) && end.abort()));
      expect([status, err]).toEqual([
        2,
        'ckptest: the run was interrupted; everything that the run created was removed\n',
      ]);
      expect((await fs.readdir(manifests)).sort()).toEqual(before);
    });
  },
  MAX_TEST_MS,
);

test(
  'if the kubelet stops during the run, the remaining specs do not fail',
  async () => {
    const away = new EventEmitter();
    let running: Promise<CommandResult> | undefined;
    await serving([], async (facts) => {
      const args = ['run', ...endpoint(facts), ...given, '--focus', 'status-codes'];
      running = ckptest(args, undefined, (text) => void (/^pass/m.test(text) && away.emit('now')));
      await once(away, 'now');
    });
    const { status, out } = (await running) ?? {};
    // The spec whose request was cut off may fail, and later specs are skipped.
    expect(status).not.toBe(0);
    expect(out).toMatch(/^the run ended early: .*; \d+ rules were not run$/m);
    expect(new Set(out?.match(/^FAIL +\S+/gm)).size).toBeLessThan(2);
  },
  MAX_TEST_MS,
);

test(
  'each user mistake gives one sentence with a remedy',
  async () => {
    await serving(['--api-server'], async (facts) => {
      const { kubelet = '', kubeconfig = '', certificateAuthority = '' } = facts;
      const unsafe = ['--kubelet-endpoint', kubelet, '--insecure-skip-tls-verify'];
      const rows: (readonly [args: readonly string[], says: RegExp])[] = [
        [['--kubelet-endpoint', 'node:10250'], /give a URL such as https:\/\/node:10250$/],
        [
          ['--kubelet-endpoint', 'https://127.0.0.1:1', ...given],
          /no kubelet answers there \(.*ECONNREFUSED.*\); start the/,
        ],
        [['--kubelet-endpoint', kubelet, ...given], /certificate is not trusted .* --certificate-authority/],
        [[...unsafe, ...given], /credentials are not accepted \(401 Unauthorized\); give --client-certificate/],
        [[...unsafe, '--certificate-authority', certificateAuthority], /exclude each other/],
        [[...unsafe, '--token', 'x', '--token-file', 'y'], /exclude each other/],
        [[...unsafe, '--token-file', '/nowhere'], /^ckptest: --token-file \/nowhere: it cannot be read/],
        [[...unsafe, '--client-certificate', kubeconfig, '--client-key', kubeconfig], /it contains no certificate/],
        [[...unsafe, '--client-key', kubeconfig], /--client-key needs --client-certificate/],
        [[...unsafe, '--mutant', 'kubelet-success-is-201'], /--mutant goes with the built-in fakes/],
        [endpoint(facts), /name those that may be checkpointed with --container/],
        [[...endpoint(facts), '--container', 'a/b'], /^ckptest: --container a\/b: give NAMESPACE\/POD\/CONTAINER/],
        [
          [...endpoint(facts), '--container', 'a/b/c'],
          /the kubelet has no such container; it has default\/counter-node1/,
        ],
        [[...endpoint(facts), ...given, '--checkpoint-dir', 'x'], /--checkpoint-dir x: give TARGET=LOCAL/],
        [[...endpoint(facts), ...given, '--runtime-control', 'http://127.0.0.1:1'], /no control address answers there/],
        [
          [...endpoint(facts), '--pod-manifest-path', '/nowhere'],
          /^ckptest: --pod-manifest-path \/nowhere: it cannot be/,
        ],
        [
          ['--node', 'nope', '--kubeconfig', kubeconfig, ...given],
          /cannot reach the kubelet .*name a node that is running$/,
        ],
        [['--kubelet-endpoint', kubelet, '--kubelet-binary', 'sh'], /exclude each other/],
        [given, /--container goes with --kubelet-endpoint or --node/],
      ];
      for (const [args, says] of rows) {
        const { status, out, err } = await ckptest(['run', ...args]);
        expect([args, status, out]).toEqual([args, 2, '']);
        expect(err.trim()).toMatch(says);
        expect(err.trim().split('\n')).toHaveLength(1);
      }
    });
  },
  MAX_TEST_MS,
);
