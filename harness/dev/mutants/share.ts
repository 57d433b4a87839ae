// Divides the matrix into shares, for machines on which the whole matrix would take too long.
import { UserError } from '../../../fakes/base/user-error';
import type { Task } from './worker';

/**
 * Returns every N-th mutant and all variants. Every share contains all variants, because there are only a few.
 *
 * @param share `K/N`; the N shares have no mutant in common
 * @throws UserError if the text does not have this form
 */
export function shareOf(tasks: readonly Task[], share: string): readonly Task[] {
  const [, which, of] = /^(\d+)\/([1-9]\d*)$/.exec(share) ?? [];
  if (which === undefined || of === undefined)
    throw new UserError(`--share ${share}: not a share of the mutants; write it as 1/6`);
  const mutants = tasks.filter(({ kind }) => kind === 'mutant');
  const variants = tasks.filter(({ kind }) => kind === 'variant');
  return [...mutants.filter((_, i) => i % Number(of) === Number(which) % Number(of)), ...variants];
}
