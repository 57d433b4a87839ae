// Starts the target that the settings name.
import { requireVersion } from '../../fakes/kubelet/versions';
import type { Target } from './target';
import { type TargetSettings, targetKind } from './target-settings';

/** Loaded on first use: no target waits for modules that only another one needs. */
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
 * @throws UserError if it cannot be started or the flags exclude each other; nothing is left behind then
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
