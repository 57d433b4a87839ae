// Defines the settings that name a target, and which flags can be combined.
import { UserError } from '../../fakes/base/user-error';
import type { ContainerName } from '../../specs/subject/subject';

/** Names a kubelet and how to reach it. A value is absent if its flag was not given. */
export interface KubeletTargetSettings {
  /** Program that the suite starts as a kubelet. */
  readonly kubeletBinary?: string;
  readonly kubeletArgs: readonly string[];
  /** URL of a kubelet that is already running. */
  readonly kubeletEndpoint?: string;
  /** Node name of a kubelet that is already running, in the cluster of the kubeconfig. */
  readonly node?: string;
  readonly kubeconfig?: string;
  /** Paths of PEM files. */
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly insecureSkipTlsVerify: boolean;
  /** Containers that specs may checkpoint. */
  readonly containers: readonly ContainerName[];
  /** The static pod directory of the running kubelet. */
  readonly podManifestPath?: string;
  /** Control address of the served fake runtime behind the running kubelet. */
  readonly runtimeControl?: string;
  /** A directory of the node, and the path where it is mounted on this machine. */
  readonly checkpointDir?: readonly [target: string, local: string];
  readonly kubernetesVersion?: string;
}

/** All settings that name a target. */
export interface TargetSettings extends KubeletTargetSettings {
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
  readonly runtimeHandler: string;
  /** The directory in which suite and target share files, at the same path for both. Default: `TMPDIR`. */
  readonly sharedDir?: string;
  readonly image: string;
  readonly mutants: readonly string[];
  readonly variants: readonly string[];
  readonly persona?: string;
}

type Kind = 'built-in' | 'runtime' | 'binary' | 'endpoint';
type Flag = readonly [name: string, isGiven: (settings: TargetSettings) => boolean];

const FLAGS = {
  mutant: ['--mutant', ({ mutants }) => mutants.length > 0],
  variant: ['--variant', ({ variants }) => variants.length > 0],
  persona: ['--persona', ({ persona }) => persona !== undefined],
  runtimeHandler: ['--runtime-handler', ({ runtimeHandler }) => runtimeHandler !== ''],
  sharedDir: ['--shared-dir', ({ sharedDir }) => sharedDir !== undefined],
  binary: ['--kubelet-binary', ({ kubeletBinary }) => kubeletBinary !== undefined],
  arg: ['--kubelet-arg', ({ kubeletArgs }) => kubeletArgs.length > 0],
  endpoint: ['--kubelet-endpoint', ({ kubeletEndpoint }) => kubeletEndpoint !== undefined],
  node: ['--node', ({ node }) => node !== undefined],
  kubeconfig: ['--kubeconfig', ({ kubeconfig }) => kubeconfig !== undefined],
  authority: ['--certificate-authority', ({ certificateAuthority }) => certificateAuthority !== undefined],
  certificate: ['--client-certificate', ({ clientCertificate }) => clientCertificate !== undefined],
  key: ['--client-key', ({ clientKey }) => clientKey !== undefined],
  token: ['--token', ({ token }) => token !== undefined],
  tokenFile: ['--token-file', ({ tokenFile }) => tokenFile !== undefined],
  insecure: ['--insecure-skip-tls-verify', ({ insecureSkipTlsVerify }) => insecureSkipTlsVerify],
  container: ['--container', ({ containers }) => containers.length > 0],
  manifests: ['--pod-manifest-path', ({ podManifestPath }) => podManifestPath !== undefined],
  control: ['--runtime-control', ({ runtimeControl }) => runtimeControl !== undefined],
  checkpointDir: ['--checkpoint-dir', ({ checkpointDir }) => checkpointDir !== undefined],
  version: ['--kubernetes-version', ({ kubernetesVersion }) => kubernetesVersion !== undefined],
} as const satisfies Readonly<Record<string, Flag>>;
type FlagName = keyof typeof FLAGS;

/** Flags that are valid only for some kinds of target. */
const GOES_WITH: readonly (readonly [kinds: readonly Kind[], flags: readonly FlagName[]])[] = [
  [['built-in'], ['mutant', 'variant', 'persona']],
  [
    ['runtime', 'binary'],
    ['runtimeHandler', 'sharedDir'],
  ],
  [['binary'], ['arg']],
  [
    ['endpoint'],
    [
      ...(['kubeconfig', 'authority', 'certificate', 'key', 'token', 'tokenFile', 'insecure'] as const),
      ...(['container', 'manifests', 'control', 'checkpointDir'] as const),
    ],
  ],
  [['built-in', 'binary', 'endpoint'], ['version']],
];

/** Pairs of flags that exclude each other. */
const EXCLUSIVE: readonly (readonly [FlagName, FlagName])[] = [
  ['binary', 'endpoint'],
  ['binary', 'node'],
  ['endpoint', 'node'],
  ['endpoint', 'kubeconfig'],
  ['token', 'tokenFile'],
  ['insecure', 'authority'],
  ['container', 'manifests'],
  ...(['authority', 'certificate', 'key', 'token', 'tokenFile', 'insecure'] as const).map(
    (flag) => ['node', flag] as const,
  ),
];

/** Flags that need another flag. */
const TOGETHER: readonly (readonly [flag: FlagName, needs: FlagName])[] = [
  ['node', 'kubeconfig'],
  ['certificate', 'key'],
  ['key', 'certificate'],
];

const NAMES: Readonly<Record<Kind, string>> = {
  'built-in': 'the built-in fakes',
  runtime: '--runtime-endpoint',
  binary: '--kubelet-binary',
  endpoint: '--kubelet-endpoint or --node',
};

function kindOf({ kubeletBinary, kubeletEndpoint, node, runtimeEndpoint }: TargetSettings): Kind {
  if (kubeletBinary !== undefined) return 'binary';
  if (kubeletEndpoint !== undefined || node !== undefined) return 'endpoint';
  return runtimeEndpoint === undefined ? 'built-in' : 'runtime';
}

/**
 * Returns the kind of target.
 *
 * @throws UserError if the flags cannot be combined
 */
export function targetKind(settings: TargetSettings): Kind {
  const kind = kindOf(settings);
  const isGiven = (flag: FlagName) => FLAGS[flag][1](settings);
  for (const [one, other] of EXCLUSIVE)
    if (isGiven(one) && isGiven(other))
      throw new UserError(`${FLAGS[one][0]} and ${FLAGS[other][0]} exclude each other: omit one of them`);
  for (const [kinds, flags] of GOES_WITH) {
    const stray = kinds.includes(kind) ? undefined : flags.find(isGiven);
    if (stray !== undefined)
      throw new UserError(
        `${FLAGS[stray][0]} goes with ${kinds.map((one) => NAMES[one]).join(' or ')}, and not with ${NAMES[kind]}: omit one of them`,
      );
  }
  for (const [flag, needed] of TOGETHER)
    if (isGiven(flag) && !isGiven(needed))
      throw new UserError(`${FLAGS[flag][0]} needs ${FLAGS[needed][0]}: give both or none`);
  return kind;
}
