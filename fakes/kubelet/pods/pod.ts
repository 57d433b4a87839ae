// A pod as far as a kubelet needs it here: what a manifest says, and what became of it.

import type { ContainerSecurity, PodSecurity } from './security-context';

export type ContainerKind = 'regular' | 'init' | 'ephemeral';
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface ContainerSpec {
  readonly kind: ContainerKind;
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: PullPolicy;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly workingDirectory: string;
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly security: ContainerSecurity;
  /** Of an init container only: it stays up beside the others. */
  readonly isSidecar: boolean;
  /** Command run in the container before it is stopped; none: empty. */
  readonly preStop: readonly string[];
  readonly mounts: readonly { readonly containerPath: string; readonly hostPath: string; readonly readonly: boolean }[];
}

/** Where a pod was heard of. */
export type PodSource = 'file' | 'api';

export interface PodSpec {
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  readonly restartPolicy: RestartPolicy;
  readonly runtimeHandler: string;
  /** Seconds. */
  readonly terminationGracePeriod: number;
  readonly security: PodSecurity;
  readonly containers: readonly ContainerSpec[];
}

export interface Pod {
  readonly source: PodSource;
  readonly namespace: string;
  /** As clients name it: with the node's name at its end, for a static pod. */
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}
