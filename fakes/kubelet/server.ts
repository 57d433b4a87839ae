// Starts and stops the fake kubelet. Its parts are created one after another, because each uses the previous ones.
import { Undo } from '../base/undo';
import { makeAccess } from './auth/access';
import { type KubeletCredentials, writeCredentials } from './credentials';
import { requireRuntime } from './cri/runtime-check';
import { RuntimeClient } from './cri/runtime-client';
import { makeStartCalls } from './cri/start-calls';
import { openReadOnlyEndpoint, openSecureEndpoint } from './endpoints';
import { kubeletMetrics } from './metrics/kubelet-metrics';
import { type FakeKubeletOptions, resolveOptions } from './options';
import { PodManager } from './pods/pod-manager';
import { readStaticPods } from './pods/static-pods';
import type { PodReport } from './pods/supervisor';
import { type HttpRecord, requestLog } from './request-log';
import { prepareRootDirectory } from './root-directory';
import { makeTlsIdentity } from './tls-identity';

export type { FakeKubeletOptions } from './options';

/** A running fake kubelet. */
export interface FakeKubelet extends AsyncDisposable {
  /** URL of the HTTPS port: `https://ADDRESS:PORT`. */
  readonly url: string;
  /** URL of the read-only port: `http://ADDRESS:PORT`; undefined if the port is disabled. */
  readonly readOnlyUrl: string | undefined;
  readonly credentials: KubeletCredentials;
  readonly rootDirectory: string;
  readonly nodeName: string;
  /** The latest exchanges, in the order in which they ended. */
  readonly requests: readonly HttpRecord[];
  /** Returns the kubelet's pods and the state of their containers. */
  pods(): readonly PodReport[];
  /**
   * Runs the pods of a manifest as if the API server had assigned them: the node's name is not appended to their names.
   * Waits until the pods run, at most for `podStartTimeoutMs`.
   * @param manifest YAML or JSON, one or several documents
   * @param requirePath throws if the pods may not use a path of the host. Default: they may use all
   * @returns the pods' namespaces and names
   * @throws UserError if the manifest is not valid or a pod with the same name exists
   */
  addPod(
    manifest: string,
    requirePath?: (file: string) => void,
  ): Promise<readonly { readonly namespace: string; readonly name: string }[]>;
  /**
   * Stops and removes a pod from any source, and waits until it is removed.
   * @returns false if there is no such pod
   */
  removePod(namespace: string, name: string): Promise<boolean>;
  /** Stops the kubelet and removes, through CRI, the pods that it created. Archives are kept. */
  close(): Promise<void>;
}

type StartedKubelet = Omit<FakeKubelet, 'close' | typeof Symbol.asyncDispose>;

/**
 * Makes the parts of a kubelet.
 * @param undo closes the parts that were made so far, the latest part first
 */
async function startParts(given: FakeKubeletOptions, undo: Undo): Promise<StartedKubelet> {
  const options = resolveOptions(given);
  const metrics = kubeletMetrics();
  const log = requestLog(options.clock);
  const runtime = undo.use(new RuntimeClient({ ...options, wrappers: [metrics.cri, ...(options.cri ?? [])] }));

  // Validate the manifests and the runtime before creating files, so that a mistake leaves no files.
  const staticPods = await readStaticPods(options);
  await requireRuntime(runtime, options);
  const startCalls = makeStartCalls(runtime, options.requestTimeout);

  const identity = await makeTlsIdentity(options);
  const root = undo.use(await prepareRootDirectory(options));
  const { credentials } = undo.use(await writeCredentials(identity));
  const access = undo.use(await makeAccess(options, credentials.token));
  const pods = undo.use(new PodManager(options, staticPods, runtime));
  const checkpoints = { ...options, pods: pods.supervisor, runtime, unsent: metrics.unsent };
  const served = { options, log, metrics, pods: pods.supervisor, checkpoints };
  const secure = undo.use(await openSecureEndpoint(served, identity, access));
  const readOnly = undo.use(await openReadOnlyEndpoint(served));

  await startCalls;
  await pods.bringUp();
  root.keep();
  return {
    url: secure.url,
    readOnlyUrl: readOnly?.url,
    credentials,
    rootDirectory: options.rootDirectory,
    nodeName: options.nodeName,
    get requests() {
      return log.records;
    },
    pods: () => pods.supervisor.report(),
    addPod: (manifest, requirePath) => pods.add(manifest, requirePath),
    removePod: (namespace, name) => pods.remove(namespace, name),
  };
}

/**
 * Starts a kubelet that uses a CRI runtime. Resolves when the kubelet responds and its pods run, or after
 * `podStartTimeoutMs`. A failed start leaves no processes and no files.
 * @param options endpoint of the runtime, configuration and deviations
 * @returns the running kubelet
 * @throws UserError for any problem that the caller can correct
 */
export async function startFakeKubelet(options: FakeKubeletOptions): Promise<FakeKubelet> {
  const undo = new Undo();
  try {
    const started = await startParts(options, undo);
    const close = () => undo.run();
    // Do not use a spread: it would read `requests` only once, at this moment.
    return Object.assign(started, { close, [Symbol.asyncDispose]: close });
  } catch (error) {
    await undo.run();
    throw error;
  }
}
