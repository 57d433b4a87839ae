// Tests that the endpoint is switched on if it is off by default in the kubelet's version, except for rules about the
// feature gate.
import { describe, expect, test } from '@jest/globals';
import type { Circumstances } from '../../../specs/subject/subject';
import { ckptest } from '../../testing/command-line';
import type { KubeletOptions } from './kubelet-options';
import { ofVersion } from './kubelets';

const WISH: KubeletOptions = {
  nodeName: 'n',
  directory: '/f',
  manifests: '/f/m',
  rootDirectory: '/f/r',
  runtimeRequestTimeoutSeconds: 120,
  circumstances: {},
  connections: {
    runtimeEndpoint: '',
    imageEndpoint: '',
    clientAuthorities: [],
    kubeconfig: undefined,
    readOnlyPort: 0,
    apiServer: undefined,
    relay: undefined,
  },
  serving: { certificate: '', key: '' },
  clientAuthorities: '',
};

/** Returns the circumstances with which a kubelet is started. */
async function started(version: string | undefined, isFake: boolean, circumstances: Circumstances) {
  let seen: Circumstances = {};
  const start = ofVersion(
    async (options) => {
      seen = options.circumstances;
      return { url: '', ended: () => undefined, close: async () => {} };
    },
    version,
    isFake,
  );
  await start({ ...WISH, circumstances }, new AbortController().signal);
  return seen;
}

describe('the circumstances of', () => {
  test.each([
    ['a latest one', undefined, true, {}, {}],
    ['a beta one', 'v1.36.2', false, {}, {}],
    ['a real alpha one', 'v1.28.4', false, {}, { featureGate: true }],
    ['a played alpha one', '1.28', true, {}, { featureGate: true, kubernetesVersion: '1.28' }],
    ['one with the gate off', 'v1.28.4', false, { featureGate: false }, { featureGate: false }],
    ['another version', '1.28', true, { kubernetesVersion: '1.25' }, { kubernetesVersion: '1.25' }],
    ['an unreadable version', 'main', false, {}, {}],
  ] as const)('%s', async (_, version, isFake, circumstances, wanted) => {
    expect(await started(version, isFake, circumstances)).toEqual(wanted);
  });
});

test('the built-in kubelet plays the version of --kubernetes-version', async () => {
  const run = (version: string) =>
    ckptest([
      'run',
      '--kubernetes-version',
      version,
      '--focus',
      'route/post-checkpoints|gate/alpha-is-off',
      '--output',
      'tap',
    ]);
  const { status, out } = await run('1.27');
  expect([status, out.match(/^ok .*$/gm)?.filter((line) => !line.includes('# SKIP'))]).toEqual([
    0,
    [
      expect.stringContaining('alpha-is-off'),
      expect.stringContaining('post-checkpoints'),
      expect.stringContaining('exit status 0'),
    ],
  ]);
  expect((await run('latest')).err).toBe('ckptest: latest is not a version of Kubernetes: give one such as 1.36.\n');
}, 60_000);
