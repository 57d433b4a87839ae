// Converts circumstances to the options and the KubeletConfiguration of a kubelet that the suite starts, fake or real.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Circumstances } from '../../../specs/subject/subject';
import type { KubeletConnections } from './kubelet-connections';
import type { ServingFiles } from './pki';

/** The kubelet's own default of runtimeRequestTimeout, seconds. */
const DEFAULT_REQUEST_TIMEOUT = 120;
/** The documented root directory of a kubelet; see D14 in specs/catalogue/catalogue.md. */
const DOCUMENTED_ROOT = '/var/lib/kubelet';

export interface KubeletOptions {
  readonly nodeName: string;
  /** An existing private directory of this kubelet. */
  readonly directory: string;
  readonly manifests: string;
  /** Absolute path of the root directory. It is the documented default if the kubelet is started without one. */
  readonly rootDirectory: string;
  readonly runtimeRequestTimeoutSeconds: number;
  readonly circumstances: Circumstances;
  readonly connections: KubeletConnections;
  readonly serving: ServingFiles;
  /** Path of a PEM file with the authorities whose client certificates the kubelet must accept. */
  readonly clientAuthorities: string;
}

/**
 * Creates the directories of a kubelet and the file with its client authorities.
 *
 * @param scratch private directory of the target
 */
export async function kubeletOptionsFor(
  scratch: string,
  nodeName: string,
  circumstances: Circumstances,
  { connections, serving }: Pick<KubeletOptions, 'connections' | 'serving'>,
): Promise<KubeletOptions> {
  const { rootDirectory, runtimeRequestTimeoutSeconds = DEFAULT_REQUEST_TIMEOUT } = circumstances;
  const directory = path.join(scratch, nodeName);
  const manifests = path.join(directory, 'manifests');
  await fs.mkdir(manifests, { recursive: true });
  const clientAuthorities = path.join(directory, 'client-ca.crt');
  await fs.writeFile(clientAuthorities, connections.clientAuthorities.join(''), { mode: 0o600 });
  return {
    nodeName,
    directory,
    manifests,
    rootDirectory:
      rootDirectory === 'default'
        ? DOCUMENTED_ROOT
        : path.join(directory, rootDirectory === 'another' ? 'another-root' : 'root'),
    runtimeRequestTimeoutSeconds,
    circumstances,
    connections,
    serving,
    clientAuthorities,
  };
}

/**
 * Returns the KubeletConfiguration (`kubelet.config.k8s.io/v1beta1`) with everything that the circumstances require.
 *
 * @param port port of the endpoint; 0 lets the system choose one, which only works for a fake kubelet
 */
export function kubeletConfiguration(options: KubeletOptions, port: number): object {
  const { circumstances, connections, serving } = options;
  const { featureGate, debuggingHandlers = true, anonymous = false, access } = circumstances;
  const usesWebhook = access === 'webhook';
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '127.0.0.1',
    port,
    readOnlyPort: connections.readOnlyPort,
    tlsCertFile: serving.certificate,
    tlsPrivateKeyFile: serving.key,
    authentication: {
      anonymous: { enabled: anonymous },
      webhook: { enabled: usesWebhook },
      x509: { clientCAFile: options.clientAuthorities },
    },
    authorization: { mode: usesWebhook ? 'Webhook' : 'AlwaysAllow' },
    ...(featureGate === undefined ? {} : { featureGates: { ContainerCheckpoint: featureGate } }),
    enableDebuggingHandlers: debuggingHandlers,
    runtimeRequestTimeout: `${options.runtimeRequestTimeoutSeconds}s`,
    staticPodPath: options.manifests,
    podLogsDir: path.join(options.directory, 'logs'),
    containerRuntimeEndpoint: connections.runtimeEndpoint,
    imageServiceEndpoint: connections.imageEndpoint,
  };
}
