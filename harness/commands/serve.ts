// `ckptest serve`: the fakes, up until a signal comes, with everything a client needs printed first.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
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
  readonly archiveTemplate?: string;
  readonly checkpointMsPerMib?: number;
  readonly output: 'text' | 'json';
}

function noControl(): never {
  throw new UserError('this persona needs the fake runtime; it cannot bend a kubelet alone');
}

/**
 * A kubelet waits for manifests to come; whoever serves pods to a test has named the wrong directory. Throws a UserError
 * for a directory with nothing in it; what is no directory is for the kubelet to judge.
 */
async function requireManifests(podManifestPath: string | undefined): Promise<void> {
  const names = podManifestPath && (await fs.readdir(podManifestPath).catch(() => undefined));
  if (names && !names.some((name) => !name.startsWith('.')))
    throw new UserError(
      `--pod-manifest-path ${podManifestPath}: there is no manifest in it; put a pod as YAML or JSON there`,
    );
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
      '--container-runtime-endpoint takes the place of the fake runtime; leave out --runtime-only and --runtime-listen',
    );
  const isDeviation = ofRuntime || faults || controlAddress || archiveTemplate || checkpointMsPerMib !== undefined;
  if (containerRuntimeEndpoint && isDeviation)
    throw new UserError(
      '--persona, --faults, --control-address, --archive-template and --checkpoint-ms-per-mib are for the fake runtime; leave them out with --container-runtime-endpoint',
    );
  if (apiServerPolicy && !apiServer) throw new UserError('--api-server-policy goes with --api-server');
  if (apiServer && (kubeconfig || runtimeOnly))
    throw new UserError(
      '--api-server takes the place of --kubeconfig, and needs the fake kubelet; leave one of them out',
    );
  if (imageServiceEndpoint && !containerRuntimeEndpoint)
    throw new UserError('--image-service-endpoint goes with --container-runtime-endpoint');
}

/** What was started, and what clients need of it: addresses, directories and credentials. */
interface Served extends AsyncDisposable {
  readonly kubelet?: FakeKubelet;
  readonly facts: Record<string, string>;
  /** What goes wrong between an API server and the kubelet. */
  readonly onTheWay?: HttpWrapper;
  /** Sentences for the end. */
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

/** The flags that the runtime of a node and one alone have in common. */
function runtimeOptions({ persona: name, faults, image, controlAddress }: ServeSettings) {
  const isArchive = (one: string) => one.includes('=');
  return {
    images: (image ?? []).filter((one) => !isArchive(one)),
    ...(name !== undefined && { persona: name }),
    ...(faults !== undefined && { faults: readPlanFile(faults) }),
    ...(controlAddress !== undefined && { controlAddress }),
  };
}

/** Images of the form REFERENCE=ARCHIVE, made so that this persona takes them for checkpoints. */
function checkpointImages({ image = [], persona: name = '' }: ServeSettings): CheckpointImage[] {
  const builder = name.startsWith('cri-o') ? 'cri-o' : 'checkpointctl';
  return image.flatMap((one) => {
    const [, reference, archive = ''] = /^([^=]*)=(.*)$/s.exec(one) ?? [];
    return reference === undefined ? [] : [{ reference, archive, builder }];
  });
}

/** What is told to the runtime whether or not a kubelet is beside it. */
function ownRuntimeOptions(settings: ServeSettings) {
  const { runtimeListen: listen, archiveTemplate, checkpointMsPerMib } = settings;
  return {
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

async function serveRuntime(flags: ServeSettings): Promise<Served> {
  const runtime = await startFakeRuntime({ ...runtimeOptions(flags), ...ownRuntimeOptions(flags) });
  return served(runtimeFacts(runtime, runtime.controlUrl), runtime);
}

async function serveNode(flags: ServeSettings, { options }: RequestedKubelet): Promise<Served> {
  const { kubeletPersona, rootDir: rootDirectory } = flags;
  const node = await startFakeNode({
    ...runtimeOptions(flags),
    ...(kubeletPersona !== undefined && { kubeletPersona }),
    runtime: ownRuntimeOptions(flags),
    kubelet: { ...options, ...(rootDirectory !== undefined && { rootDirectory }) },
  });
  const facts = { ...kubeletFacts(node.kubelet), ...runtimeFacts(node.runtime, node.controlUrl) };
  const { faults, kubelet } = node;
  return { ...served(facts, { faults, close: () => node.close() }), kubelet, onTheWay: node.runtime.faultWrappers.api };
}

/** A fake kubelet in front of somebody else's runtime. */
async function serveKubelet(
  flags: ServeSettings,
  { options }: RequestedKubelet,
  runtimeEndpoint: string,
): Promise<Served> {
  const { http } = persona(flags.kubeletPersona ?? 'reference', '--kubelet-persona').effects(noControl);
  const own = flags.rootDir === undefined ? await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-')) : undefined;
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
    const facts = { ...kubeletFacts(kubelet), runtime: runtimeEndpoint };
    return { facts, kubelet, afterwards: () => [], [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await removeDirectory();
    throw error;
  }
}

function start(flags: ServeSettings, requested: RequestedKubelet): Promise<Served> {
  if (flags.containerRuntimeEndpoint !== undefined)
    return serveKubelet(flags, requested, flags.containerRuntimeEndpoint);
  return flags.runtimeOnly ? serveRuntime(flags) : serveNode(flags, requested);
}

/** The runtime of the configuration file: used where it is there, else the fake one listens in its place. */
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
    `containerRuntimeEndpoint ${runtimeEndpoint} has no directory here: the fake runtime listens at a place of its own.`,
  );
  return flags;
}

/** Serves until the signal is aborted. Throws a UserError for what cannot be started; then nothing is left. */
export async function serve(flags: ServeSettings, { out, err }: OutputStreams, signal: AbortSignal): Promise<void> {
  const warn = (sentence: string) => void err.write(`ckptest: ${sentence}\n`);
  checkFlags(flags);
  await requireManifests(flags.podManifestPath);
  const read = await requestedKubelet(flags, {}, warn);
  for (const sentence of read.warnings) warn(sentence);
  const where = await withConfiguredRuntime(flags, read, warn);
  checkFlags(where);
  await using api: ServedApiServer | undefined = flags.apiServer ? await serveApiServer(flags) : undefined;
  const requested = api ? withApiServer(read, api, flags.config !== undefined) : read;
  // An image endpoint of the file goes with the runtime of the file.
  const { imageEndpoint: _, ...withoutImages } = requested.options;
  const isForeign = where.containerRuntimeEndpoint !== undefined;
  await using served = await start(where, isForeign ? requested : { ...requested, options: withoutImages });
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
