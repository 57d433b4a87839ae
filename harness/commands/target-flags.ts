// The flags of `run` that name a kubelet, and how it is reached.
import type { Command } from 'commander';
import { UserError } from '../../fakes/user-error';
import type { ContainerName } from '../../specs/subject';
import type { KubeletSettings } from '../target-settings';

export interface KubeletTargetFlags {
  readonly kubeletBinary?: string;
  readonly kubeletArg?: readonly string[];
  readonly kubeletEndpoint?: string;
  readonly node?: string;
  readonly kubeconfig?: string;
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly container?: readonly string[];
  readonly podManifestPath?: string;
  readonly runtimeControl?: string;
  readonly checkpointDir?: string;
  readonly kubernetesVersion?: string;
}

const many = (value: string, before: readonly string[] = []) => [...before, value];

export function kubeletTargetOptions(command: Command): Command {
  return command
    .option('--kubelet-binary <path>', 'kubelet under test, started by the suite once for each configuration')
    .option('--kubelet-arg <word>', 'argument that it is given before those of the suite; repeatable', many)
    .option('--kubelet-endpoint <url>', 'kubelet under test that is up, such as https://node:10250')
    .option('--node <name>', 'node under test, reached through the API server of --kubeconfig')
    .option('--kubeconfig <file>', 'API server and credentials for --node (default: $KUBECONFIG)')
    .option('--certificate-authority <file>', 'PEM by which the kubelet is known')
    .option('--client-certificate <file>', 'PEM to show to the kubelet')
    .option('--client-key <file>', 'its key, PEM')
    .option('--token <token>', 'bearer token for the kubelet')
    .option('--token-file <file>', 'file with it, which other users of this machine do not see in a list of processes')
    .option('--insecure-skip-tls-verify', 'take whatever certificate the kubelet shows')
    .option('--container <name>', 'NAMESPACE/POD/CONTAINER that may be checkpointed; repeatable', many)
    .option('--pod-manifest-path <dir>', 'where the kubelet takes static pods: the suite puts its own there')
    .option('--runtime-control <url>', 'control address of the served fake runtime behind the kubelet')
    .option('--checkpoint-dir <target=local>', "where a folder of the node's is found here")
    .option('--kubernetes-version <version>', 'version of the kubelet, where it does not say it, or the fake to play');
}

/** As they would be typed again, but for their order. */
export const kubeletTargetPairs = (
  flags: KubeletTargetFlags,
): (readonly [flag: string, value: string | undefined])[] => [
  ['--kubelet-binary', flags.kubeletBinary],
  ...(flags.kubeletArg ?? []).map((word) => ['--kubelet-arg', word] as const),
  ['--kubelet-endpoint', flags.kubeletEndpoint],
  ['--node', flags.node],
  ['--kubeconfig', flags.kubeconfig],
  ['--certificate-authority', flags.certificateAuthority],
  ['--client-certificate', flags.clientCertificate],
  ['--client-key', flags.clientKey],
  ['--token', flags.token],
  ['--token-file', flags.tokenFile],
  ...(flags.container ?? []).map((name) => ['--container', name] as const),
  ['--pod-manifest-path', flags.podManifestPath],
  ['--runtime-control', flags.runtimeControl],
  ['--checkpoint-dir', flags.checkpointDir],
  ['--kubernetes-version', flags.kubernetesVersion],
];

function containerName(text: string): ContainerName {
  const [, namespace = '', pod = '', container = ''] = /^([^/]+)\/([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (namespace === '') throw new UserError(`--container ${text}: give NAMESPACE/POD/CONTAINER, as default/web/main`);
  return { namespace, pod, container };
}

function mapping(text: string): readonly [target: string, local: string] {
  const [, target = '', local = ''] = /^(\/[^=]*)=(.+)$/.exec(text) ?? [];
  if (target === '')
    throw new UserError(
      `--checkpoint-dir ${text}: give TARGET=LOCAL, as /var/lib/kubelet/checkpoints=/mnt/checkpoints`,
    );
  return [target, local];
}

/** What is not given is left out. Throws a UserError for a word that cannot be read. */
export function kubeletTargetSettings(flags: KubeletTargetFlags, environment: NodeJS.ProcessEnv): KubeletSettings {
  const { kubeletArg = [], container = [], checkpointDir, insecureSkipTlsVerify = false } = flags;
  const { kubeletBinary, kubeletEndpoint, node, certificateAuthority, clientCertificate, clientKey } = flags;
  const { token, tokenFile, podManifestPath, runtimeControl, kubernetesVersion } = flags;
  // Many machines have the variable set, for other purposes.
  const kubeconfig = flags.kubeconfig ?? (node === undefined ? undefined : environment['KUBECONFIG'] || undefined);
  return {
    ...(kubeletBinary !== undefined && { kubeletBinary }),
    kubeletArgs: kubeletArg,
    ...(kubeletEndpoint !== undefined && { kubeletEndpoint }),
    ...(node !== undefined && { node }),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { tokenFile }),
    insecureSkipTlsVerify,
    containers: container.map(containerName),
    ...(podManifestPath !== undefined && { podManifestPath }),
    ...(runtimeControl !== undefined && { runtimeControl }),
    ...(checkpointDir !== undefined && { checkpointDir: mapping(checkpointDir) }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
  };
}
