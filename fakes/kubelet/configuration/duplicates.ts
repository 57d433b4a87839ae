// Keys that stand twice in one mapping, and keys that nobody knows: a kubelet warns of both and goes on.
import { isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

/** A key worth a word, and its line. */
export interface OddKey {
  readonly name: string;
  readonly line: number;
}

/** Every key that its mapping has already, wherever in the document. */
export function duplicateKeys(root: Node | null, lines: LineCounter): OddKey[] {
  const found: OddKey[] = [];
  const visit = (node: unknown, path: string): void => {
    if (isSeq(node)) for (const item of node.items) visit(item, path);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const full = path ? `${path}.${name}` : name;
      if (seen.has(name)) {
        const at = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
        found.push({ name: full, line: lines.linePos(at).line });
      }
      seen.add(name);
      visit(value, full);
    }
  };
  visit(root, '');
  return found;
}
