// `ckptest kubelet`: the fake kubelet alone, started as a kubelet is.

import { UserError } from '../../fakes/base/user-error';
import { type FakeKubeletOptions, startFakeKubelet } from '../../fakes/kubelet/server';
import { DEFAULT_VERSION, gitVersion } from '../../fakes/kubelet/versions';
import { requestedKubelet } from './kubelet-flags';
import type { KubeletSettingsFlags } from './kubelet-options';
import type { OutputStreams } from './run';

const DEFAULT_RUNTIME = 'unix:///run/containerd/containerd.sock';
/** As a kubelet has it, but for the address: a fake is for its own machine unless it is told otherwise. */
const DEFAULTS = { port: 10_250, address: '127.0.0.1' };

function noControl(): never {
  throw new UserError('this persona needs the fake runtime; it cannot bend a kubelet alone');
}

/** The options of a kubelet, bent as a persona has it. Personas are loaded with their archives, which takes its time. */
function changed(options: FakeKubeletOptions, name: string | undefined): FakeKubeletOptions {
  if (name === undefined) return options;
  const { applyToKubelet }: typeof import('../../fakes/deviations/apply') = require('../../fakes/deviations/apply');
  const {
    persona,
  }: typeof import('../../fakes/deviations/personas/personas') = require('../../fakes/deviations/personas/personas');
  return applyToKubelet(options, persona(name, '--kubelet-persona').effects(noControl));
}

/** Runs until the signal is aborted. Throws UserError for what cannot be started; then nothing is left. */
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
    // With build metadata, so that who asks can tell it from a kubelet.
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
