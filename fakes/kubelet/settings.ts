// The settings of a fake kubelet and their defaults.
import { NANOSECONDS_PER_SECOND } from '../go/duration';

/**
 * The fields of a KubeletConfiguration that have an effect on the fake. A field with the same type as in the file has
 * the same name.
 */
export interface FakeKubeletSettings {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** Plain HTTP without authentication; 0: off. */
  readonly readOnlyPort: number;
  readonly runtimeRequestTimeoutSeconds: number;
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly enableDebuggingHandlers: boolean;
  /** Whether requests without credentials are accepted. */
  readonly anonymous: boolean;
  /** Whether an API server reviews bearer tokens. */
  readonly webhookAuthentication: boolean;
  /** How long the result of a token review is cached. */
  readonly tokenCacheSeconds: number;
  /** The authorization mode: allow everything, or ask the API server. */
  readonly authorization: 'AlwaysAllow' | 'Webhook';
  /** How long a granted permission is cached. */
  readonly allowedCacheSeconds: number;
  /** How long a denied permission is cached. */
  readonly deniedCacheSeconds: number;
  /** Directory of manifests, or one manifest. */
  readonly staticPodPath?: string;
  /** Seconds between two checks of the manifests. */
  readonly fileCheckSeconds: number;
  /** Certificate of the HTTPS port (PEM). Default: one is created at startup. */
  readonly tlsCertFile?: string;
  /** Private key of the HTTPS port (PEM). Default: one is created at startup. */
  readonly tlsPrivateKeyFile?: string;
  /** A name from Go's crypto/tls, such as `VersionTLS13`. */
  readonly tlsMinVersion?: string;
  /** Names from Go's crypto/tls. */
  readonly tlsCipherSuites?: readonly string[];
  /** Further authorities whose client certificates are accepted (PEM). */
  readonly clientCAFile?: string;
  /** The directory of container logs. Default: `logs/pods` under the root directory. */
  readonly podLogsDir?: string;
}

export const DEFAULT_KUBELET_SETTINGS: FakeKubeletSettings = {
  address: '127.0.0.1',
  port: 0,
  readOnlyPort: 0,
  runtimeRequestTimeoutSeconds: 120,
  featureGates: {},
  enableDebuggingHandlers: true,
  anonymous: false,
  webhookAuthentication: false,
  tokenCacheSeconds: 120,
  authorization: 'AlwaysAllow',
  allowedCacheSeconds: 300,
  deniedCacheSeconds: 30,
  fileCheckSeconds: 20,
};

/**
 * Converts `runtimeRequestTimeout`.
 * @returns nanoseconds
 */
export function requestTimeout(settings: FakeKubeletSettings): bigint {
  return BigInt(Math.round(settings.runtimeRequestTimeoutSeconds * Number(NANOSECONDS_PER_SECOND)));
}
