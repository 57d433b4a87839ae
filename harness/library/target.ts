// What a run of the library is against: a target that is open already, or what names one.
import type { ContainerName } from '../../specs/subject/subject';
import { DEFAULT_IMAGE } from '../run/settings';
import { startTarget } from '../targets/start-target';
import type { Target } from '../targets/target';
import type { TargetSettings } from '../targets/target-settings';

/**
 * Names a target as the flags of `ckptest run` do, each under the flag's name in camel case. Without an endpoint or a
 * program it is the built-in fakes, bent as `persona`, `mutants` and `variants` say.
 */
export interface TargetOptions extends Partial<Omit<TargetSettings, 'containers'>> {
  /** Containers of a kubelet that is up, which may be checkpointed. */
  readonly containers?: readonly ContainerName[];
}

const DEFAULTS = {
  runtimeHandler: '',
  image: DEFAULT_IMAGE,
  mutants: [],
  variants: [],
  kubeletArgs: [],
  insecureSkipTlsVerify: false,
  containers: [],
} satisfies Partial<TargetSettings>;

/**
 * Opens a target, which the caller disposes of. Throws a UserError, in words that name flags, where nothing answers or
 * the options do not go together.
 */
export function openTarget(
  options: TargetOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Target> {
  return startTarget({ ...DEFAULTS, ...options }, signal);
}

export const isTarget = (given: Target | TargetOptions): given is Target => 'subject' in given;
