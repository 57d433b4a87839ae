// The names that somebody may have meant who gave one that is not there.

/** How many edits lead from one word to the other. */
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

/** The words of a list that come nearest to what was asked for. */
export function nearest(asked: string, known: readonly string[], most = 3): string[] {
  const far = new Map(
    known.map((word) => [word, Math.min(distance(asked, word), distance(asked, word.split('/').pop() ?? ''))]),
  );
  return [...known].sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0)).slice(0, most);
}
