// What a kubelet can be told, with the defaults that hold here where its configuration file says nothing.
import { NANOSECONDS_PER_SECOND } from '../go/duration';

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
  /** Whether bearer tokens are shown to an API server. */
  readonly webhookAuthentication: boolean;
  /** How long the API server's word on a token holds. */
  readonly tokenCacheSeconds: number;
  /** Who decides what somebody known may do. */
  readonly authorization: 'AlwaysAllow' | 'Webhook';
  readonly allowedCacheSeconds: number;
  readonly deniedCacheSeconds: number;
  /** Directory of manifests, or one manifest. */
  readonly staticPodPath?: string;
  /** Seconds between two looks at the manifests. */
  readonly fileCheckSeconds: number;
  /** Certificate and key of the endpoint (PEM); made at start where there are none. */
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  /** Names of Go's crypto/tls. */
  readonly tlsMinVersion?: string;
  readonly tlsCipherSuites?: readonly string[];
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
  webhookAuthentication: false,
  tokenCacheSeconds: 120,
  authorization: 'AlwaysAllow',
  allowedCacheSeconds: 300,
  deniedCacheSeconds: 30,
  fileCheckSeconds: 20,
};

/** Nanoseconds of `runtimeRequestTimeout`. */
export function requestTimeout(settings: KubeletSettings): bigint {
  return BigInt(Math.round(settings.runtimeRequestTimeoutSeconds * Number(NANOSECONDS_PER_SECOND)));
}
