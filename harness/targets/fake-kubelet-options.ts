// What a fake kubelet is told so that it stands in the circumstances that a spec asks for.
import path from 'node:path';
import type { FakeKubeletOptions } from '../../fakes/kubelet/server';
import type { Circumstances } from '../../specs/subject';
import type { Surrounding } from './surroundings';

/** Sentence D14 of the documentation. */
const DOCUMENTED_ROOT = '/var/lib/kubelet';
/** Before a review that failed is asked for again: a kubelet's half second would only cost time. Milliseconds. */
const REVIEW_PAUSE_MS = 1;

/** What a kubelet of these circumstances is told. */
export function kubeletOptions(
  circumstances: Circumstances,
  given: {
    readonly folder: string;
    readonly manifests: string;
    readonly around: Surrounding;
    readonly runtimeRequestTimeoutSeconds: number;
  },
): FakeKubeletOptions {
  const { kubernetesVersion, rootDirectory, featureGate, debuggingHandlers, anonymous, access } = circumstances;
  const { folder, manifests, around, runtimeRequestTimeoutSeconds } = given;
  const { runtimeEndpoint, clientAuthorities, kubeconfig, readOnlyPort } = around;
  return {
    runtimeEndpoint,
    clientAuthorities,
    reviewPauseMs: REVIEW_PAUSE_MS,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(rootDirectory === 'default' ? { leavesRootAlone: true } : { rootDirectory: askedRoot(circumstances, folder) }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
    configuration: {
      staticPodPath: manifests,
      podLogsDir: path.join(folder, 'logs'),
      runtimeRequestTimeoutSeconds,
      featureGates: featureGate === undefined ? {} : { ContainerCheckpoint: featureGate },
      enableDebuggingHandlers: debuggingHandlers ?? true,
      anonymous: anonymous ?? false,
      readOnlyPort,
      ...(access === 'webhook' && { webhookAuthentication: true, authorization: 'Webhook' }),
    },
  };
}

/** The root directory that a kubelet is asked to have; the documented one where it is not asked. */
export function askedRoot({ rootDirectory }: Circumstances, folder: string): string {
  if (rootDirectory === 'default') return DOCUMENTED_ROOT;
  return path.join(folder, rootDirectory === 'another' ? 'another-root' : 'root');
}
