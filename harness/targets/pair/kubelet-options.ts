// What a kubelet of the suite is to be: circumstances made into a KubeletConfiguration, for fake and real kubelets alike.
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Circumstances } from '../../../specs/subject/subject';
import type { KubeletConnections } from './kubelet-connections';
import type { ServingFiles } from './pki';

/** runtimeRequestTimeout of a kubelet that was not told otherwise, seconds. */
const DEFAULT_REQUEST_TIMEOUT = 120;
/** Sentence D14 of the documentation. */
const DOCUMENTED_ROOT = '/var/lib/kubelet';

export interface KubeletOptions {
  readonly nodeName: string;
  /** Private to this kubelet, and there. */
  readonly directory: string;
  readonly manifests: string;
  /** Absolute; the documented one where the kubelet is not to be told any. */
  readonly rootDirectory: string;
  readonly runtimeRequestTimeoutSeconds: number;
  readonly circumstances: Circumstances;
  readonly connections: KubeletConnections;
  readonly serving: ServingFiles;
  /** Path of the authorities whose client certificates it has to take, PEM. */
  readonly clientAuthorities: string;
}

/** Makes the directories of a kubelet and writes down which clients it is to take. */
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
 * The configuration, in the words of `kubelet.config.k8s.io/v1beta1`: all that specs ask for.
 * @param port 0 takes a free one, which only a fake kubelet does
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
