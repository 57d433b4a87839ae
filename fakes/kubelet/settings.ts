// What a kubelet can be told, with the defaults of its configuration file; and what changed between its versions.
import { NANOSECONDS_PER_SECOND } from './go-durations';

/** Fields of a KubeletConfiguration that have an effect here, under their own names where they have one. */
export interface KubeletSettings {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** Plain HTTP without authentication; 0: none. */
  readonly readOnlyPort: number;
  readonly runtimeRequestTimeoutSeconds: number;
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly enableDebuggingHandlers: boolean;
  /** Whether who shows no credentials may ask. */
  readonly anonymous: boolean;
  /** Directory of manifests, or one manifest. */
  readonly staticPodPath?: string;
  /** Certificate and key of the endpoint (PEM); made at start where there are none. */
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  /** Whose client certificates are taken, beside the one that is made at start (PEM). */
  readonly clientCAFile?: string;
  /** Where the runtime writes container logs; default: `logs/pods` under the root directory. */
  readonly podLogsDir?: string;
}

export const DEFAULT_SETTINGS: KubeletSettings = {
  address: '127.0.0.1',
  port: 0,
  readOnlyPort: 0,
  runtimeRequestTimeoutSeconds: 120,
  featureGates: {},
  enableDebuggingHandlers: true,
  anonymous: false,
};

/** The version that is faked where none is named. */
export const DEFAULT_VERSION = '1.36';

/** A default that holds from a minor version of Kubernetes on. */
interface Since {
  readonly minor: number;
  readonly value: boolean;
}

/** Defaults of gates by version: kubernetes/kubernetes pkg/features/kube_features.go. */
const GATES: Readonly<Record<string, readonly Since[]>> = {
  ContainerCheckpoint: [
    { minor: 25, value: false },
    { minor: 30, value: true },
  ],
};

/** Minor version of `1.36`, `v1.36.2` and the like; undefined for anything else. */
export function minorVersion(version: string): number | undefined {
  const [, minor] = /^v?1\.([0-9]{1,3})(?:\.[0-9]+)?$/.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}

/** Whether a gate is on: as set, else as that version has it by default; a gate that it does not know is off. */
export function gateEnabled(settings: KubeletSettings, gate: string, minor: number): boolean {
  return settings.featureGates[gate] ?? GATES[gate]?.findLast((since) => since.minor <= minor)?.value ?? false;
}

/** Nanoseconds of `runtimeRequestTimeout`. */
export function requestTimeout(settings: KubeletSettings): bigint {
  return BigInt(Math.round(settings.runtimeRequestTimeoutSeconds * Number(NANOSECONDS_PER_SECOND)));
}
