// Formats counts in sentences.

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Chooses the form of a word for a count. */
export const verb = (count: number, singular: string, others: string): string => (count === 1 ? singular : others);

/**
 * Formats a count as a share of a total: `the only rule`, `all 3 rules`, `2 of the 3 rules`.
 *
 * @param noun for a total of one
 * @param nouns for every other total
 */
export function share(count: number, total: number, noun: string, nouns: string): string {
  if (count === total) return total === 1 ? `the only ${noun}` : `all ${total} ${nouns}`;
  return `${count} of the ${total} ${nouns}`;
}
