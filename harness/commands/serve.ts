// `ckptest serve`: the fakes, up until a signal comes, with everything a client needs printed first.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { persona } from '../../fakes/deviations/personas';
import { unusedSentence } from '../../fakes/faults/faults';
import { readPlanFile } from '../../fakes/faults/read-plan';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from '../../fakes/kubelet/server';
import { type FakeNode, startFakeNode } from '../../fakes/library/node';
import { type FakeRuntime, startFakeRuntime } from '../../fakes/library/runtime';
import { UserError } from '../../fakes/user-error';
import type { Streams } from './run';

export interface ServeSettings {
  readonly rootDir?: string;
  readonly podManifestPath?: string;
  readonly hostnameOverride: string;
  readonly address: string;
  readonly port: string;
  readonly featureGates?: string;
  readonly kubernetesVersion?: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly containerRuntimeEndpoint?: string;
  readonly imageServiceEndpoint?: string;
  readonly runtimeOnly?: boolean;
  readonly kubeletOnly?: boolean;
  readonly runtimeListen?: string;
  readonly image?: readonly string[];
  readonly persona?: string;
  readonly kubeletPersona?: string;
  readonly faults?: string;
  readonly controlAddress?: string;
  readonly output: 'text' | 'json';
}

/** `A=true,B=false`, as the kubelet takes it. */
function featureGates(list: string): Record<string, boolean> {
  const gates: Record<string, boolean> = {};
  for (const pair of list.split(',').filter((text) => text !== '')) {
    const [, name, value] = /^([A-Za-z]+)=(true|false)$/.exec(pair) ?? [];
    if (name === undefined)
      throw new UserError(`--feature-gates ${pair}: give NAME=true or NAME=false, separated by commas`);
    gates[name] = value === 'true';
  }
  return gates;
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65535) throw new UserError(`--port ${text}: give a port from 0 to 65535`);
  return number;
}

type KubeletFlags = Omit<FakeKubeletOptions, 'runtimeEndpoint' | 'rootDirectory'>;

function kubeletOptions(flags: ServeSettings): KubeletFlags {
  const { podManifestPath, tlsCertFile, tlsPrivateKeyFile, imageServiceEndpoint, kubernetesVersion } = flags;
  if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined))
    throw new UserError('--tls-cert-file and --tls-private-key-file go together: give both or none');
  return {
    ...(imageServiceEndpoint && { imageEndpoint: imageServiceEndpoint }),
    nodeName: flags.hostnameOverride,
    ...(kubernetesVersion && { kubernetesVersion }),
    configuration: {
      address: flags.address,
      port: port(flags.port),
      featureGates: featureGates(flags.featureGates ?? ''),
      ...(podManifestPath && { staticPodPath: podManifestPath }),
      ...(tlsCertFile && { tlsCertFile }),
      ...(tlsPrivateKeyFile && { tlsPrivateKeyFile }),
    },
  };
}

function noControl(): never {
  throw new UserError('this persona needs the fake runtime; it cannot bend a kubelet alone');
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
}: ServeSettings) {
  if (runtimeOnly && kubeletOnly) throw new UserError('--runtime-only and --kubelet-only exclude each other');
  if (kubeletOnly && !containerRuntimeEndpoint)
    throw new UserError('--kubelet-only needs a runtime: give --container-runtime-endpoint');
  if (containerRuntimeEndpoint && (runtimeOnly || runtimeListen))
    throw new UserError(
      '--container-runtime-endpoint takes the place of the fake runtime; leave out --runtime-only and --runtime-listen',
    );
  if (containerRuntimeEndpoint && (ofRuntime || faults || controlAddress))
    throw new UserError(
      '--persona, --faults and --control-address are for the fake runtime; leave them out with --container-runtime-endpoint',
    );
  if (imageServiceEndpoint && !containerRuntimeEndpoint)
    throw new UserError('--image-service-endpoint goes with --container-runtime-endpoint');
}

/** What was started, and what clients need of it: addresses, folders and credentials. */
interface Served extends AsyncDisposable {
  readonly facts: Record<string, string>;
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
  return {
    images: image ?? [],
    ...(name !== undefined && { persona: name }),
    ...(faults !== undefined && { faults: readPlanFile(faults) }),
    ...(controlAddress !== undefined && { controlAddress }),
  };
}

function served(
  facts: Record<string, string>,
  { faults, close }: Pick<FakeNode | FakeRuntime, 'faults' | 'close'>,
): Served {
  return { facts, afterwards: () => faults.unused.map(unusedSentence), [Symbol.asyncDispose]: close };
}

async function serveRuntime(flags: ServeSettings): Promise<Served> {
  const { runtimeListen: listen } = flags;
  const runtime = await startFakeRuntime({ ...runtimeOptions(flags), ...(listen !== undefined && { listen }) });
  return served(runtimeFacts(runtime, runtime.controlUrl), runtime);
}

async function serveNode(flags: ServeSettings): Promise<Served> {
  const { runtimeListen: listen, kubeletPersona, rootDir: rootDirectory } = flags;
  const node = await startFakeNode({
    ...runtimeOptions(flags),
    ...(kubeletPersona !== undefined && { kubeletPersona }),
    runtime: listen === undefined ? {} : { listen },
    kubelet: { ...kubeletOptions(flags), ...(rootDirectory !== undefined && { rootDirectory }) },
  });
  const facts = { ...kubeletFacts(node.kubelet), ...runtimeFacts(node.runtime, node.controlUrl) };
  return served(facts, { faults: node.faults, close: () => node.close() });
}

/** A fake kubelet in front of somebody else's runtime. */
async function serveKubelet(flags: ServeSettings, runtimeEndpoint: string): Promise<Served> {
  const { http } = persona(flags.kubeletPersona ?? 'reference', '--kubelet-persona').bend(noControl);
  const own = flags.rootDir === undefined ? await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-')) : undefined;
  const removeFolder = async () => {
    if (own !== undefined) await fs.rm(own, { recursive: true, force: true });
  };
  try {
    const kubelet = await startFakeKubelet({
      ...kubeletOptions(flags),
      runtimeEndpoint,
      rootDirectory: flags.rootDir ?? own ?? '',
      http: http ? [http] : [],
    });
    const dispose = async () => {
      await kubelet.close();
      await removeFolder();
    };
    const facts = { ...kubeletFacts(kubelet), runtime: runtimeEndpoint };
    return { facts, afterwards: () => [], [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

function start(flags: ServeSettings): Promise<Served> {
  if (flags.containerRuntimeEndpoint !== undefined) return serveKubelet(flags, flags.containerRuntimeEndpoint);
  return flags.runtimeOnly ? serveRuntime(flags) : serveNode(flags);
}

/** Serves until the signal is aborted. Throws a UserError for what cannot be started; then nothing is left. */
export async function serve(flags: ServeSettings, { out, err }: Streams, signal: AbortSignal): Promise<void> {
  checkFlags(flags);
  await using served = await start(flags);
  const { facts } = served;
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
