// `ckptest serve`: prints the addresses and credentials that a client needs, and runs the fakes until a signal arrives.
import fs from 'node:fs/promises';
import { endpointUrl } from '../../fakes/base/endpoint-url';
import { privateDirectory } from '../../fakes/base/private-directory';
import { UserError } from '../../fakes/base/user-error';
import { persona } from '../../fakes/deviations/personas/personas';
import { unusedSentence } from '../../fakes/faults/faults';
import { readPlanFile } from '../../fakes/faults/read-plan';
import type { HttpWrapper } from '../../fakes/go/net-http/exchange';
import { type FakeKubelet, startFakeKubelet } from '../../fakes/kubelet/server';
import { type FakeNode, startFakeNode } from '../../fakes/node/node';
import { type FakeRuntime, startFakeRuntime } from '../../fakes/node/runtime';
import type { CheckpointImage } from '../../fakes/runtime/checkpoint/checkpoint-image';
import { type KubeletFlags, locateRuntime, type RequestedKubelet, requestedKubelet } from './kubelet-flags';
import { followsParent, watchParent } from './npm-parent';
import type { OutputStreams } from './run';
import { type ServedApiServer, serveApiServer, withApiServer } from './serve-api-server';

export interface ServeSettings extends KubeletFlags {
  readonly rootDir?: string;
  readonly apiServer?: boolean;
  readonly apiServerPolicy?: string;
  readonly runtimeOnly?: boolean;
  readonly kubeletOnly?: boolean;
  readonly runtimeListen?: string;
  readonly image?: readonly string[];
  readonly persona?: string;
  readonly kubeletPersona?: string;
  readonly faults?: string;
  readonly controlAddress?: string;
  readonly controlDirectory?: readonly string[];
  readonly controlTokenFile?: string;
  readonly archiveTemplate?: string;
  readonly checkpointMsPerMib?: number;
  /** Whether to continue when the npm that started this program has ended. */
  readonly detach?: boolean;
  readonly output: 'text' | 'json';
}

function noControl(): never {
  throw new UserError('this persona needs the fake runtime; it cannot change a kubelet alone');
}

/**
 * Requires at least one manifest in a directory. A real kubelet would wait for manifests, but in a test an empty
 * directory is most likely a mistake. The kubelet itself reports a path that is not a directory.
 *
 * @throws UserError if the directory is empty
 */
async function requireManifests(podManifestPath: string | undefined): Promise<void> {
  const names = podManifestPath && (await fs.readdir(podManifestPath).catch(() => undefined));
  if (names && !names.some((name) => !name.startsWith('.')))
    throw new UserError(`--pod-manifest-path ${podManifestPath}: it contains no manifest; add a pod as YAML or JSON`);
}

function checkFlags({
  runtimeOnly,
  kubeletOnly,
  containerRuntimeEndpoint,
  runtimeListen,
  imageServiceEndpoint,
  persona: ofRuntime,
  faults,
  controlAddress,
  controlDirectory,
  controlTokenFile,
  archiveTemplate,
  checkpointMsPerMib,
  apiServer,
  apiServerPolicy,
  kubeconfig,
}: ServeSettings) {
  if (runtimeOnly && kubeletOnly) throw new UserError('--runtime-only and --kubelet-only exclude each other');
  if (kubeletOnly && !containerRuntimeEndpoint)
    throw new UserError('--kubelet-only needs a runtime: give --container-runtime-endpoint');
  if (containerRuntimeEndpoint && (runtimeOnly || runtimeListen))
    throw new UserError(
      '--container-runtime-endpoint replaces the fake runtime; omit --runtime-only and --runtime-listen',
    );
  const isDeviation = ofRuntime || faults || controlAddress || archiveTemplate || checkpointMsPerMib !== undefined;
  if (containerRuntimeEndpoint && isDeviation)
    throw new UserError(
      '--persona, --faults, --control-address, --archive-template and --checkpoint-ms-per-mib are for the fake runtime; omit them with --container-runtime-endpoint',
    );
  if ((controlDirectory || controlTokenFile) && !controlAddress)
    throw new UserError('--control-directory and --control-token-file go with --control-address');
  if (apiServerPolicy && !apiServer) throw new UserError('--api-server-policy goes with --api-server');
  if (apiServer && (kubeconfig || runtimeOnly))
    throw new UserError('--api-server replaces --kubeconfig and needs the fake kubelet; omit one of them');
  if (imageServiceEndpoint && !containerRuntimeEndpoint)
    throw new UserError('--image-service-endpoint goes with --container-runtime-endpoint');
}

/** The started fakes, with the addresses, directories and credentials that clients need. */
interface Served extends AsyncDisposable {
  readonly kubelet?: FakeKubelet;
  readonly facts: Record<string, string>;
  /** Faults between an API server and the kubelet. */
  readonly onTheWay?: HttpWrapper;
  /** Returns messages to print on shutdown. */
  afterwards(): readonly string[];
}

const kubeletFacts = ({ url, rootDirectory, credentials }: FakeKubelet) => ({
  kubelet: url,
  rootDir: rootDirectory,
  ...credentials,
});

function runtimeFacts({ endpoint }: { endpoint: string }, controlUrl: string | undefined): Record<string, string> {
  return { runtime: endpoint, ...(controlUrl !== undefined && { control: controlUrl }) };
}

/** Returns the options that a fake runtime has with and without a kubelet. */
function runtimeOptions(settings: ServeSettings) {
  const { persona: name, faults, image, controlAddress, controlDirectory, controlTokenFile } = settings;
  const isArchive = (one: string) => one.includes('=');
  return {
    images: (image ?? []).filter((one) => !isArchive(one)),
    ...(name !== undefined && { persona: name }),
    ...(faults !== undefined && { faults: readPlanFile(faults) }),
    ...(controlAddress !== undefined && { controlAddress }),
    ...(controlDirectory !== undefined && { controlDirectories: controlDirectory }),
    ...(controlTokenFile !== undefined && { controlTokenFile }),
  };
}

/**
 * Returns the images that were given as REFERENCE=ARCHIVE. They get the labels that the runtime of this persona expects
 * on checkpoint images.
 */
function checkpointImages({ image = [], persona: name = '' }: ServeSettings): CheckpointImage[] {
  const builder = name.startsWith('cri-o') ? 'cri-o' : 'checkpointctl';
  return image.flatMap((one) => {
    const [, reference, archive = ''] = /^([^=]*)=(.*)$/s.exec(one) ?? [];
    return reference === undefined ? [] : [{ reference, archive, builder }];
  });
}

/** Returns the options of the fake runtime that do not concern a kubelet. */
function ownRuntimeOptions(settings: ServeSettings, warn: (sentence: string) => void) {
  const { runtimeListen: listen, archiveTemplate, checkpointMsPerMib } = settings;
  return {
    warn,
    checkpointImages: checkpointImages(settings),
    ...(listen !== undefined && { listen }),
    ...(archiveTemplate !== undefined && { archiveTemplate }),
    ...(checkpointMsPerMib !== undefined && { settings: { checkpointMillisecondsPerMiB: checkpointMsPerMib } }),
  };
}

function served(
  facts: Record<string, string>,
  { faults, close }: Pick<FakeNode | FakeRuntime, 'faults' | 'close'>,
): Served {
  return { facts, afterwards: () => faults.unused.map(unusedSentence), [Symbol.asyncDispose]: close };
}

async function serveRuntime(flags: ServeSettings, warn: (sentence: string) => void): Promise<Served> {
  const runtime = await startFakeRuntime({ ...runtimeOptions(flags), ...ownRuntimeOptions(flags, warn) });
  return served(runtimeFacts(runtime, runtime.controlUrl), runtime);
}

async function serveNode(
  flags: ServeSettings,
  { options }: RequestedKubelet,
  warn: (sentence: string) => void,
): Promise<Served> {
  const { kubeletPersona, rootDir: rootDirectory } = flags;
  const node = await startFakeNode({
    ...runtimeOptions(flags),
    ...(kubeletPersona !== undefined && { kubeletPersona }),
    runtime: ownRuntimeOptions(flags, warn),
    kubelet: { ...options, ...(rootDirectory !== undefined && { rootDirectory }) },
  });
  const facts = { ...kubeletFacts(node.kubelet), ...runtimeFacts(node.runtime, node.controlUrl) };
  const { faults, kubelet } = node;
  return { ...served(facts, { faults, close: () => node.close() }), kubelet, onTheWay: node.runtime.faultWrappers.api };
}

/** Serves a fake kubelet in front of a runtime of the user. */
async function serveKubelet(
  flags: ServeSettings,
  { options }: RequestedKubelet,
  runtimeEndpoint: string,
): Promise<Served> {
  const { http } = persona(flags.kubeletPersona ?? 'reference', '--kubelet-persona', 'kubelet').effects(noControl);
  const own = flags.rootDir === undefined ? await privateDirectory('root') : undefined;
  const removeDirectory = async () => {
    if (own !== undefined) await fs.rm(own, { recursive: true, force: true });
  };
  try {
    const kubelet = await startFakeKubelet({
      ...options,
      runtimeEndpoint,
      rootDirectory: flags.rootDir ?? own ?? '',
      http: http ? [http] : [],
    });
    const dispose = async () => {
      await kubelet.close();
      await removeDirectory();
    };
    const facts = { ...kubeletFacts(kubelet), runtime: endpointUrl(runtimeEndpoint) };
    return { facts, kubelet, afterwards: () => [], [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await removeDirectory();
    throw error;
  }
}

function start(flags: ServeSettings, requested: RequestedKubelet, warn: (sentence: string) => void): Promise<Served> {
  if (flags.containerRuntimeEndpoint !== undefined)
    return serveKubelet(flags, requested, flags.containerRuntimeEndpoint);
  return flags.runtimeOnly ? serveRuntime(flags, warn) : serveNode(flags, requested, warn);
}

/**
 * Applies the runtime endpoint of the configuration file. If the socket exists, the kubelet uses the runtime behind the
 * socket. Otherwise the fake runtime listens on the socket.
 */
async function withConfiguredRuntime(
  flags: ServeSettings,
  requested: RequestedKubelet,
  warn: (sentence: string) => void,
) {
  const { runtimeEndpoint } = requested;
  const isDecided = flags.containerRuntimeEndpoint !== undefined || flags.runtimeListen !== undefined;
  if (isDecided || runtimeEndpoint === undefined) return flags;
  const found = await locateRuntime(runtimeEndpoint);
  if (found === 'there') return { ...flags, containerRuntimeEndpoint: runtimeEndpoint };
  if (found === 'free') return { ...flags, runtimeListen: runtimeEndpoint };
  warn(
    `containerRuntimeEndpoint ${runtimeEndpoint} is in a directory that does not exist or cannot be written; the fake runtime listens at another path`,
  );
  return flags;
}

async function serveUntil(flags: ServeSettings, { out, err }: OutputStreams, signal: AbortSignal): Promise<void> {
  const warn = (sentence: string) => void err.write(`ckptest: ${sentence}\n`);
  checkFlags(flags);
  await requireManifests(flags.podManifestPath);
  const read = await requestedKubelet(flags, {}, warn);
  for (const sentence of read.warnings) warn(sentence);
  const where = await withConfiguredRuntime(flags, read, warn);
  checkFlags(where);
  await using api: ServedApiServer | undefined = flags.apiServer ? await serveApiServer(flags) : undefined;
  const requested = api ? withApiServer(read, api, flags.config !== undefined) : read;
  // Drop the image endpoint in the file. This endpoint belongs to the runtime that the fake runtime replaces.
  const { imageEndpoint: _, ...withoutImages } = requested.options;
  const isForeign = where.containerRuntimeEndpoint !== undefined;
  await using served = await start(where, isForeign ? requested : { ...requested, options: withoutImages }, warn);
  if (served.kubelet) await api?.join(served.kubelet, served.onTheWay);
  const facts = { ...served.facts, ...api?.facts };
  if (flags.output === 'json') out.write(`${JSON.stringify(facts)}\n`);
  else
    out.write(
      Object.entries(facts)
        .map(([name, value]) => `${name.padEnd(21)} ${value}\n`)
        .join(''),
    );
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  for (const sentence of served.afterwards()) err.write(`ckptest: ${sentence}\n`);
}

/**
 * Serves the fakes until the signal is aborted, or until the npm that started this program has ended.
 *
 * @throws UserError if the fakes cannot be started. Nothing is then left behind
 */
export async function serve(flags: ServeSettings, streams: OutputStreams, signal: AbortSignal): Promise<void> {
  if (!followsParent(flags.detach, process.env)) return serveUntil(flags, streams, signal);
  const parent = new AbortController();
  const endWatch = watchParent(() => parent.abort());
  try {
    await serveUntil(flags, streams, AbortSignal.any([signal, parent.signal]));
  } finally {
    endWatch();
  }
}
