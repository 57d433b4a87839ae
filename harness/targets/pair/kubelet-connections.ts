// Creates what a kubelet of the suite uses besides its runtime: authorities, API server, read-only port and relay. Each
// is created on first use.
import path from 'node:path';
import type { Circumstances } from '../../../specs/subject/subject';
import { ClientAuthority } from '../subject/client-authority';
import { Relay } from '../subject/relay';
import type { ScriptedApiServer } from '../subject/scripted-api-server';
import { freePort } from './free-port';
import type { RuntimeSide } from './runtime-side';

/** The addresses and authorities in the configuration of one kubelet. */
export interface KubeletConnections {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  /** PEM certificates of the authorities whose client certificates the kubelet must accept. */
  readonly clientAuthorities: readonly string[];
  /** Path of the kubeconfig for the API server that reviews tokens and access; undefined if there is no API server. */
  readonly kubeconfig: string | undefined;
  /** The read-only port of the kubelet; 0 if it has none. */
  readonly readOnlyPort: number;
  readonly apiServer: ScriptedApiServer | undefined;
  readonly relay: Relay | undefined;
}

/** Loads the module on first use, because most kubelets use no API server. */
const apiServers = (): typeof import('../subject/scripted-api-server') => require('../subject/scripted-api-server');

export class KubeletEnvironment implements AsyncDisposable {
  #authority: Promise<ClientAuthority> | undefined;
  #apiServer: Promise<ScriptedApiServer> | undefined;
  readonly #relays: Relay[] = [];

  /** @param directory private directory with a short path, because a socket path is limited to about 100 bytes */
  constructor(readonly directory: string) {}

  authority(): Promise<ClientAuthority> {
    this.#authority ??= ClientAuthority.make();
    return this.#authority;
  }

  /**
   * Creates the connections for one kubelet.
   *
   * @param runtime the runtime behind the kubelet
   */
  async connections(
    { access, readOnlyPort, severable }: Circumstances,
    runtime: RuntimeSide,
  ): Promise<KubeletConnections> {
    const runtimeEndpoint = runtime.kubeletEndpoint ?? runtime.runtimeEndpoint;
    const webhook = access === 'webhook';
    if (webhook) this.#apiServer ??= apiServers().ScriptedApiServer.start();
    const apiServer = webhook ? await this.#apiServer : undefined;
    const relay = severable ? await this.#relay(runtimeEndpoint) : undefined;
    return {
      runtimeEndpoint: relay?.endpoint ?? runtimeEndpoint,
      imageEndpoint: runtime.kubeletEndpoint ?? runtime.imageEndpoint,
      clientAuthorities: [(await this.authority()).pem, ...(apiServer?.authorities ?? [])],
      kubeconfig: apiServer?.kubeconfig,
      readOnlyPort: readOnlyPort ? await freePort() : 0,
      apiServer,
      relay,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const relay of this.#relays) await relay[Symbol.asyncDispose]();
    await (await this.#apiServer?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  async #relay(endpoint: string): Promise<Relay> {
    const relay = await Relay.start(path.join(this.directory, `cri-${this.#relays.length}.sock`), endpoint);
    this.#relays.push(relay);
    return relay;
  }
}
