// From what a user named to a target that is up.
import { type TargetSettings, targetKind } from '../target-settings';
import { startBuiltIn } from './built-in';
import { startKubeletBinary } from './kubelet-binary';
import { startKubeletEndpoint } from './kubelet-endpoint';
import { startRuntimeEndpoint } from './runtime-endpoint';
import type { Target } from './target';

/** Throws a UserError where it cannot be, or the flags do not go together; then nothing is left. */
export async function startTarget(settings: TargetSettings, signal: AbortSignal): Promise<Target> {
  const { runtimeEndpoint = '', imageEndpoint = runtimeEndpoint, kubeletBinary = '' } = settings;
  switch (targetKind(settings)) {
    case 'built-in':
      return await startBuiltIn(settings);
    case 'runtime':
      return await startRuntimeEndpoint({ ...settings, runtimeEndpoint, imageEndpoint });
    case 'binary':
      return await startKubeletBinary({ ...settings, kubeletBinary }, signal);
    case 'endpoint':
      return await startKubeletEndpoint(settings, signal);
  }
}
