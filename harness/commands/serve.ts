// `ckptest serve`: the fakes, up until a signal comes, with everything a client needs printed first.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deviation } from '../../fakes/deviations/catalogue';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from '../../fakes/kubelet/server';
import { type FakeRuntime, startFakeRuntime } from '../../fakes/runtime/server';
import { UserError } from '../../fakes/user-error';

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
  readonly kubeletPersona?: string;
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

function kubeletOptions(flags: ServeSettings, runtimeEndpoint: string, rootDirectory: string): FakeKubeletOptions {
  const { podManifestPath, tlsCertFile, tlsPrivateKeyFile, imageServiceEndpoint, kubernetesVersion, kubeletPersona } =
    flags;
  if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined))
    throw new UserError('--tls-cert-file and --tls-private-key-file go together: give both or none');
  const wrapper = kubeletPersona && deviation('persona', kubeletPersona).bend(noControl).http;
  return {
    runtimeEndpoint,
    ...(imageServiceEndpoint && { imageEndpoint: imageServiceEndpoint }),
    rootDirectory,
    nodeName: flags.hostnameOverride,
    ...(kubernetesVersion && { kubernetesVersion }),
    http: wrapper ? [wrapper] : [],
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
}: ServeSettings) {
  if (runtimeOnly && kubeletOnly) throw new UserError('--runtime-only and --kubelet-only exclude each other');
  if (kubeletOnly && !containerRuntimeEndpoint)
    throw new UserError('--kubelet-only needs a runtime: give --container-runtime-endpoint');
  if (containerRuntimeEndpoint && (runtimeOnly || runtimeListen))
    throw new UserError(
      '--container-runtime-endpoint takes the place of the fake runtime; leave out --runtime-only and --runtime-listen',
    );
  if (imageServiceEndpoint && !containerRuntimeEndpoint)
    throw new UserError('--image-service-endpoint goes with --container-runtime-endpoint');
}

/** Everything that was started and the private folder, if any. */
class Served implements AsyncDisposable {
  runtime: FakeRuntime | undefined;
  kubelet: FakeKubelet | undefined;
  privateFolder: string | undefined;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kubelet?.close();
    await this.runtime?.close();
    if (this.privateFolder !== undefined) await fs.rm(this.privateFolder, { recursive: true, force: true });
  }

  /** What clients need: addresses, folders and credentials. */
  facts(containerRuntimeEndpoint: string | undefined): Record<string, string> {
    const { url, credentials, rootDirectory } = this.kubelet ?? {};
    const runtime = this.runtime?.endpoint ?? containerRuntimeEndpoint;
    return {
      ...(url === undefined ? {} : { kubelet: url }),
      ...(runtime === undefined ? {} : { runtime }),
      ...(rootDirectory === undefined ? {} : { rootDir: rootDirectory }),
      ...credentials,
    };
  }
}

/** Serves until the signal is aborted. Throws a UserError for what cannot be started; then nothing is left. */
export async function serve(flags: ServeSettings, out: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  checkFlags(flags);
  await using served = new Served();
  if (flags.containerRuntimeEndpoint === undefined)
    served.runtime = await startFakeRuntime({
      images: flags.image ?? [],
      ...(flags.runtimeListen && { listen: flags.runtimeListen }),
    });
  if (!flags.runtimeOnly) {
    if (flags.rootDir === undefined) served.privateFolder = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-'));
    const endpoint = served.runtime?.endpoint ?? flags.containerRuntimeEndpoint ?? '';
    served.kubelet = await startFakeKubelet(
      kubeletOptions(flags, endpoint, flags.rootDir ?? served.privateFolder ?? ''),
    );
  }
  const facts = served.facts(flags.containerRuntimeEndpoint);
  if (flags.output === 'json') out.write(`${JSON.stringify(facts)}\n`);
  else
    out.write(
      Object.entries(facts)
        .map(([name, value]) => `${name.padEnd(21)} ${value}\n`)
        .join(''),
    );
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
