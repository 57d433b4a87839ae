// Opens the target on which functions of the library run specs. Callers pass an open target, or options that name a
// target.
import type { ContainerName } from '../../specs/subject/subject';
import { DEFAULT_IMAGE } from '../run/settings';
import { startTarget } from '../targets/start-target';
import type { Target } from '../targets/target';
import type { TargetSettings } from '../targets/target-settings';

/**
 * Options that name a target. The keys are the flags of `ckptest run` in camel case. Without an endpoint or a program
 * the target is the built-in fakes, changed by `persona`, `mutants` and `variants`.
 */
export interface TargetOptions extends Partial<Omit<TargetSettings, 'containers'>> {
  /** Containers of a kubelet that is already running, which specs may checkpoint. */
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
 * Opens a target. The caller must dispose of it.
 *
 * @param options names the target; default: the built-in fakes
 * @param signal cancels the start when it is aborted
 * @throws UserError if the target does not respond or the options exclude each other. The message names flags
 */
export function openTarget(
  options: TargetOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Target> {
  return startTarget({ ...DEFAULTS, ...options }, signal);
}

export const isTarget = (given: Target | TargetOptions): given is Target => 'subject' in given;
