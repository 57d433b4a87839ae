// Defines the settings of a fake kubelet and their defaults.
import { NANOSECONDS_PER_SECOND } from '../go/duration';

/**
 * The fields of a KubeletConfiguration that have an effect on the fake. A field that has the same type as in the file
 * also has the same name.
 */
export interface FakeKubeletSettings {
  readonly address: string;
  /** Port of the HTTPS endpoint; 0 for any free port. */
  readonly port: number;
  /** Port for plain HTTP without authentication; 0 to disable it. */
  readonly readOnlyPort: number;
  readonly runtimeRequestTimeoutSeconds: number;
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly enableDebuggingHandlers: boolean;
  /** Whether requests without credentials are accepted. */
  readonly anonymous: boolean;
  /** Whether an API server reviews bearer tokens. */
  readonly webhookAuthentication: boolean;
  /** How long the result of a token review is cached, seconds. */
  readonly tokenCacheSeconds: number;
  /** The authorization mode: allow everything, or ask the API server. */
  readonly authorization: 'AlwaysAllow' | 'Webhook';
  /** How long a granted permission is cached, seconds. */
  readonly allowedCacheSeconds: number;
  /** How long a denied permission is cached, seconds. */
  readonly deniedCacheSeconds: number;
  /** Path of a directory of manifests, or of one manifest. */
  readonly staticPodPath?: string;
  /** Seconds between two checks of the manifests. */
  readonly fileCheckSeconds: number;
  /** Path of the HTTPS port's certificate (PEM). Default: a certificate is created at startup. */
  readonly tlsCertFile?: string;
  /** Path of the HTTPS port's private key (PEM). Default: a key is created at startup. */
  readonly tlsPrivateKeyFile?: string;
  /** The lowest TLS version, as a name from Go's crypto/tls, such as `VersionTLS13`. */
  readonly tlsMinVersion?: string;
  /** The cipher suites, as names from Go's crypto/tls. */
  readonly tlsCipherSuites?: readonly string[];
  /** Path of a file with additional authorities whose client certificates are accepted (PEM). */
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
 * Converts the setting `runtimeRequestTimeout` to nanoseconds.
 * @returns the timeout, nanoseconds
 */
export function requestTimeout(settings: FakeKubeletSettings): bigint {
  return BigInt(Math.round(settings.runtimeRequestTimeoutSeconds * Number(NANOSECONDS_PER_SECOND)));
}
