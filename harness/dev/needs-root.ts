// Rules that take root to try: where this program has none they are unsupported, on the built-in fakes as everywhere.
import type { Spec } from '../../specs/subject/spec';

/** Whether the rule cannot be tried by the user that runs this. */
export const isBeyondThisUser = ({ needs }: Pick<Spec, 'needs'>): boolean =>
  needs.includes('root') && process.getuid?.() !== 0;
