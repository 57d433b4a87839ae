// Reads the flags of `run` that name a kubelet and say how to reach it.
import { UserError } from '../../fakes/base/user-error';
import type { ContainerName } from '../../specs/subject/subject';
import type { KubeletTargetSettings } from '../targets/target-settings';
import type { RunFlags } from './run-flags';

function containerName(text: string): ContainerName {
  const [, namespace = '', pod = '', container = ''] = /^([^/]+)\/([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (namespace === '') throw new UserError(`--container ${text}: give NAMESPACE/POD/CONTAINER, as default/web/main`);
  return { namespace, pod, container };
}

function mapping(text: string): readonly [target: string, local: string] {
  const [, target = '', local = target] = /^(\/[^=]*)(?:=(.+))?$/.exec(text) ?? [];
  if (target === '')
    throw new UserError(
      `--checkpoint-dir ${text}: give TARGET=LOCAL, as /var/lib/kubelet/checkpoints=/mnt/checkpoints, or one path that is the same for both`,
    );
  return [target, local];
}

export interface FlagPlaces {
  /** Flags from the command line. */
  readonly given: RunFlags;
  /** Flags from the file of `--config`. */
  readonly fileFlags: RunFlags;
  /** Flags from both; the command line has precedence. */
  readonly flags: RunFlags;
}

/**
 * Converts the flags that name a kubelet. Absent values are omitted.
 *
 * @throws UserError if a value is not valid
 */
export function kubeletTargetSettings(
  { given, fileFlags, flags }: FlagPlaces,
  environment: NodeJS.ProcessEnv,
): KubeletTargetSettings {
  const { kubeletArg = [], container = [], checkpointDir, insecureSkipTlsVerify = false } = flags;
  const { kubeletBinary, kubeletEndpoint, node, certificateAuthority, clientCertificate, clientKey } = flags;
  const { token, tokenFile, podManifestPath, runtimeControl, kubernetesVersion } = flags;
  // Use KUBECONFIG only with --node, because many machines set it for other purposes.
  const usual = node === undefined ? undefined : environment['KUBECONFIG'] || undefined;
  const kubeconfig = given.kubeconfig ?? usual ?? fileFlags.kubeconfig;
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
