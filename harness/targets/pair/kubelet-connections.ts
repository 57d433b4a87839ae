// What stands around a kubelet of the suite beside its runtime, whoever the kubelet is: made when it is first asked for.
import path from 'node:path';
import type { Circumstances } from '../../../specs/subject/subject';
import { ClientAuthority } from '../subject/client-authority';
import { Relay } from '../subject/relay';
import type { ScriptedApiServer } from '../subject/scripted-api-server';
import { freePort } from './free-port';

/** What one kubelet has to be told. */
export interface KubeletConnections {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  /** PEM of authorities whose client certificates it has to take. */
  readonly clientAuthorities: readonly string[];
  /** Where tokens and leave are asked for, if they are. */
  readonly kubeconfig: string | undefined;
  /** 0: none. */
  readonly readOnlyPort: number;
  readonly apiServer: ScriptedApiServer | undefined;
  readonly relay: Relay | undefined;
}

/** Loaded when a kubelet asks one: most do not. */
const apiServers = (): typeof import('../subject/scripted-api-server') => require('../subject/scripted-api-server');

export class KubeletEnvironment implements AsyncDisposable {
  #authority: Promise<ClientAuthority> | undefined;
  #apiServer: Promise<ScriptedApiServer> | undefined;
  readonly #relays: Relay[] = [];

  /** @param directory private, with a short path: sockets go there */
  constructor(readonly directory: string) {}

  authority(): Promise<ClientAuthority> {
    this.#authority ??= ClientAuthority.make();
    return this.#authority;
  }

  /** @param runtime what stands behind the kubelet */
  async connections(
    { access, readOnlyPort, severable }: Circumstances,
    runtime: Pick<KubeletConnections, 'runtimeEndpoint' | 'imageEndpoint'>,
  ): Promise<KubeletConnections> {
    const webhook = access === 'webhook';
    if (webhook) this.#apiServer ??= apiServers().ScriptedApiServer.start();
    const apiServer = webhook ? await this.#apiServer : undefined;
    const relay = severable ? await this.#relay(runtime.runtimeEndpoint) : undefined;
    return {
      runtimeEndpoint: relay?.endpoint ?? runtime.runtimeEndpoint,
      imageEndpoint: runtime.imageEndpoint,
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
