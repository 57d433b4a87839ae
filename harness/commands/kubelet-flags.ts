// Converts the flags and the configuration file of a kubelet to options of the fake kubelet. Flags have precedence over
// the file.
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../fakes/base/user-error';
import { parseGoDuration } from '../../fakes/go/duration-text';
import { type ReadConfiguration, readConfiguration } from '../../fakes/kubelet/configuration/read-configuration';
import type { FakeKubeletOptions } from '../../fakes/kubelet/server';
import type { FakeKubeletSettings } from '../../fakes/kubelet/settings';

/** Flags that both `serve` and `kubelet` have. */
export interface KubeletFlags {
  readonly config?: string;
  readonly podManifestPath?: string;
  readonly hostnameOverride?: string;
  readonly address?: string;
  readonly port?: string;
  readonly readOnlyPort?: string;
  readonly featureGates?: string;
  readonly kubernetesVersion?: string;
  readonly kubeconfig?: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
  readonly anonymousAuth?: string;
  readonly authenticationTokenWebhook?: string;
  readonly authorizationMode?: string;
  readonly enableDebuggingHandlers?: string;
  readonly runtimeRequestTimeout?: string;
  readonly containerRuntimeEndpoint?: string;
  readonly imageServiceEndpoint?: string;
}

/** The kubelet that flags and file describe, not yet started. */
export interface RequestedKubelet {
  readonly options: Omit<FakeKubeletOptions, 'runtimeEndpoint' | 'rootDirectory'>;
  /** The endpoint in the configuration file. The command itself reads the flag. */
  readonly runtimeEndpoint: string | undefined;
  /** Warnings about the configuration file, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Parses feature gates as the kubelet's flag accepts them, such as `A=true,B=false`. Throws UserError for any other
 * form.
 */
function featureGates(list: string): Record<string, boolean> {
  const gates: Record<string, boolean> = {};
  for (const pair of list.split(',').filter((text) => text !== '')) {
    const [, name, value] = /^([A-Za-z0-9]+)=(true|false)$/.exec(pair) ?? [];
    if (name === undefined)
      throw new UserError(`--feature-gates ${pair}: give NAME=true or NAME=false, separated by commas`);
    gates[name] = value === 'true';
  }
  return gates;
}

function port(flag: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65535) throw new UserError(`${flag} ${text}: give a port from 0 to 65535`);
  return number;
}

function switched(flag: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new UserError(`${flag} ${text}: give true or false`);
  return text === 'true';
}

function seconds(flag: string, text: string): number {
  const nanoseconds = parseGoDuration(text);
  if (nanoseconds === undefined || nanoseconds <= 0n)
    throw new UserError(`${flag} ${text}: give a duration above zero, such as 2m or 1h30m`);
  return Number(nanoseconds) / 1e9;
}

function authorization(text: string): FakeKubeletSettings['authorization'] {
  if (text !== 'AlwaysAllow' && text !== 'Webhook')
    throw new UserError(`--authorization-mode ${text}: give AlwaysAllow or Webhook`);
  return text;
}

/** Returns the settings that were given as flags. Throws UserError if a value is not valid. */
function flagSettings(flags: KubeletFlags): Partial<FakeKubeletSettings> {
  const { address, podManifestPath, tlsCertFile, tlsPrivateKeyFile, clientCaFile } = flags;
  const { anonymousAuth, authenticationTokenWebhook, authorizationMode, enableDebuggingHandlers } = flags;
  if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined))
    throw new UserError('--tls-cert-file and --tls-private-key-file go together: give both or none');
  const given = <T extends keyof FakeKubeletSettings, V extends string>(
    key: T,
    value: V | undefined,
    read: (text: V) => FakeKubeletSettings[T],
  ) => (value === undefined ? {} : { [key]: read(value) });
  return {
    ...given('address', address, String),
    ...given('port', flags.port, (text) => port('--port', text)),
    ...given('readOnlyPort', flags.readOnlyPort, (text) => port('--read-only-port', text)),
    ...given('staticPodPath', podManifestPath, String),
    ...given('tlsCertFile', tlsCertFile, String),
    ...given('tlsPrivateKeyFile', tlsPrivateKeyFile, String),
    ...given('clientCAFile', clientCaFile, String),
    ...given('anonymous', anonymousAuth, (text) => switched('--anonymous-auth', text)),
    ...given('webhookAuthentication', authenticationTokenWebhook, (text) =>
      switched('--authentication-token-webhook', text),
    ),
    ...given('authorization', authorizationMode, authorization),
    ...given('enableDebuggingHandlers', enableDebuggingHandlers, (text) =>
      switched('--enable-debugging-handlers', text),
    ),
    ...given('runtimeRequestTimeoutSeconds', flags.runtimeRequestTimeout, (text) =>
      seconds('--runtime-request-timeout', text),
    ),
  };
}

const NO_FILE: ReadConfiguration = { settings: {}, warnings: [] };

/**
 * Reads flags and configuration file.
 *
 * @param defaults settings that apply if neither flags nor file contain them
 * @param warn called with each warning while the kubelet runs
 * @throws UserError for a flag or file that is not valid
 */
export async function requestedKubelet(
  flags: KubeletFlags,
  defaults: Partial<FakeKubeletSettings>,
  warn: (sentence: string) => void,
): Promise<RequestedKubelet> {
  const file = flags.config === undefined ? NO_FILE : await readConfiguration(flags.config);
  const { hostnameOverride, kubernetesVersion, kubeconfig } = flags;
  const imageEndpoint = flags.imageServiceEndpoint ?? file.imageEndpoint;
  return {
    options: {
      ...(imageEndpoint && { imageEndpoint }),
      ...(hostnameOverride && { nodeName: hostnameOverride }),
      ...(kubernetesVersion && { kubernetesVersion }),
      ...(kubeconfig && { kubeconfig }),
      warn,
      configuration: {
        ...defaults,
        ...file.settings,
        ...flagSettings(flags),
        // As in a real kubelet, flags change individual gates and keep the other gates of the file.
        featureGates: { ...file.settings.featureGates, ...featureGates(flags.featureGates ?? '') },
      },
    },
    runtimeEndpoint: file.runtimeEndpoint,
    warnings: file.warnings,
  };
}

/**
 * Checks the runtime endpoint of a configuration file. Returns `there` if the socket exists, `free` if the fake runtime
 * can create the socket, and `nowhere` if the directory of the socket cannot be written.
 */
export async function locateRuntime(endpoint: string): Promise<'there' | 'free' | 'nowhere'> {
  const [, file] = /^(?:unix:\/\/|unix:)?(\/.*)$/.exec(endpoint) ?? [];
  if (file === undefined) return 'there';
  const found = await stat(file).catch(() => undefined);
  if (found) return 'there';
  const writable = access(path.dirname(file), constants.W_OK | constants.X_OK);
  return writable.then(
    () => 'free',
    () => 'nowhere',
  );
}
