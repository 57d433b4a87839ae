// Defines a pod with the fields of its manifest that have an effect on the fake.

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
  /** Whether an init container keeps running beside the other containers. */
  readonly isSidecar: boolean;
  /** Command that runs in the container before it is stopped; empty if there is no such command. */
  readonly preStop: readonly string[];
  readonly mounts: readonly { readonly containerPath: string; readonly hostPath: string; readonly readonly: boolean }[];
}

/** The source of a pod: a manifest on the node, or a caller in place of the API server. */
export type PodSource = 'file' | 'api';

export interface PodSpec {
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  readonly restartPolicy: RestartPolicy;
  readonly runtimeHandler: string;
  /** Grace period for stopping containers, seconds. */
  readonly terminationGracePeriod: number;
  readonly security: PodSecurity;
  readonly containers: readonly ContainerSpec[];
}

export interface Pod {
  readonly source: PodSource;
  readonly namespace: string;
  /** Name of the pod. The name of a static pod ends with the node's name. */
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}
