// Recognizes rules that need root. Without root, these rules are unsupported on every target, even on the built-in
// fakes.
import type { Spec } from '../../specs/subject/spec';

/** Returns whether the rule needs root and this user is not root. */
export const isBeyondThisUser = ({ needs }: Pick<Spec, 'needs'>): boolean =>
  needs.includes('root') && process.getuid?.() !== 0;
