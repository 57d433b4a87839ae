// Finds suggestions for a misspelled name.

/** Returns the number of insertions, deletions and replacements between two words (Levenshtein distance). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * Finds the known names that are most like an unknown one.
 *
 * @param name the unknown name; it may also be only the last part of a name with slashes
 * @param known the names to choose from
 * @param max maximum number of names to return
 * @returns the names, the most similar name first
 */
export function nearest(name: string, known: readonly string[], max = 3): string[] {
  const distances = new Map(
    known.map((one) => [one, Math.min(distance(name, one), distance(name, one.split('/').pop() ?? ''))]),
  );
  return [...known].sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0)).slice(0, max);
}
