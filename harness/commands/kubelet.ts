// `ckptest kubelet`: runs only the fake kubelet, with the flags of a kubelet.

import { UserError } from '../../fakes/base/user-error';
import { type FakeKubeletOptions, startFakeKubelet } from '../../fakes/kubelet/server';
import { DEFAULT_VERSION, gitVersion } from '../../fakes/kubelet/versions';
import { requestedKubelet } from './kubelet-flags';
import type { KubeletSettingsFlags } from './kubelet-options';
import type { OutputStreams } from './run';

const DEFAULT_RUNTIME = 'unix:///run/containerd/containerd.sock';
/**
 * The default port of a real kubelet, and the loopback address. Other machines cannot reach the fake unless a flag sets
 * another address.
 */
const DEFAULTS = { port: 10_250, address: '127.0.0.1' };

function noControl(): never {
  throw new UserError('this persona needs the fake runtime; it cannot change a kubelet alone');
}

/**
 * Applies a persona to the options of a kubelet. Personas are loaded only if one is named, because their archives take
 * time to load.
 */
function changed(options: FakeKubeletOptions, name: string | undefined): FakeKubeletOptions {
  if (name === undefined) return options;
  const { applyToKubelet }: typeof import('../../fakes/deviations/apply') = require('../../fakes/deviations/apply');
  const {
    persona,
  }: typeof import('../../fakes/deviations/personas/personas') = require('../../fakes/deviations/personas/personas');
  return applyToKubelet(options, persona(name, '--kubelet-persona', 'kubelet').effects(noControl));
}

/**
 * Runs a fake kubelet until the signal is aborted.
 *
 * @throws UserError if the kubelet cannot be started. Nothing is then left behind
 */
export async function kubelet(
  flags: KubeletSettingsFlags,
  { out, err }: OutputStreams,
  signal: AbortSignal,
): Promise<void> {
  const warn = (sentence: string) => void err.write(`ckptest: ${sentence}\n`);
  const requested = await requestedKubelet(flags, DEFAULTS, warn);
  for (const sentence of requested.warnings) warn(sentence);
  const options = {
    ...requested.options,
    rootDirectory: flags.rootDir,
    runtimeEndpoint: flags.containerRuntimeEndpoint ?? requested.runtimeEndpoint ?? DEFAULT_RUNTIME,
  };
  const own = changed(options, flags.kubeletPersona);
  if (flags.version === 'true') {
    // The build metadata shows that this is not a real kubelet.
    out.write(`Kubernetes ${gitVersion(own.kubernetesVersion ?? DEFAULT_VERSION)}+ckptest\n`);
    return;
  }
  await using running = await startFakeKubelet(own);
  const { url, readOnlyUrl, rootDirectory, credentials } = running;
  const facts = { kubelet: url, ...(readOnlyUrl && { readOnly: readOnlyUrl }), rootDir: rootDirectory, ...credentials };
  if (flags.output === 'json') out.write(`${JSON.stringify(facts)}\n`);
  else for (const [name, value] of Object.entries(facts)) out.write(`${name.padEnd(21)} ${value}\n`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
