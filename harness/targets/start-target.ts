// Starts the target that the settings name.
import { requireVersion } from '../../fakes/kubelet/versions';
import type { Target } from './target';
import { type TargetSettings, targetKind } from './target-settings';

/** Modules that are loaded on first use, so that a target does not wait for modules of other targets. */
const targets = {
  builtIn: (): typeof import('./built-in') => require('./built-in'),
  runtime: (): typeof import('./runtime-endpoint') => require('./runtime-endpoint'),
  binary: (): typeof import('./kubelet-binary') => require('./kubelet-binary'),
  endpoint: (): typeof import('./kubelet-endpoint') => require('./kubelet-endpoint'),
} as const;

/**
 * Starts a target.
 *
 * @returns a target that the caller disposes of
 * @throws UserError if the target cannot be started or the flags exclude each other. Nothing is then left behind
 */
export async function startTarget(settings: TargetSettings, signal: AbortSignal): Promise<Target> {
  const { runtimeEndpoint = '', imageEndpoint = runtimeEndpoint, kubeletBinary = '' } = settings;
  const kind = targetKind(settings);
  if (settings.kubernetesVersion !== undefined) requireVersion(settings.kubernetesVersion);
  switch (kind) {
    case 'built-in':
      return await targets.builtIn().startBuiltIn(settings);
    case 'runtime':
      return await targets.runtime().startRuntimeEndpoint({ ...settings, runtimeEndpoint, imageEndpoint });
    case 'binary':
      return await targets.binary().startKubeletBinary({ ...settings, kubeletBinary }, signal);
    case 'endpoint':
      return await targets.endpoint().startKubeletEndpoint(settings, signal);
  }
}
