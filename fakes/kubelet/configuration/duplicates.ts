// Finds keys that appear twice in a mapping. A kubelet warns about such a key and uses its last value.
import { isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

/** A key that a kubelet warns about. */
export interface KeyPosition {
  /** The path of the key, such as `authentication.webhook`. */
  readonly name: string;
  readonly line: number;
}

/** Returns every repeated key, from all mappings of the document. */
export function duplicateKeys(root: Node | null, lines: LineCounter): KeyPosition[] {
  const found: KeyPosition[] = [];
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
