// Compares two values for tests that list the allowed differences.

/** Returns the differences between two values, each as `path: one <> other`. */
export function leafDifferences(one: unknown, other: unknown, path = ''): string[] {
  if (Object.is(one, other)) return [];
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return [`${path}: ${JSON.stringify(one)} <> ${JSON.stringify(other)}`];
  const left = new Map(Object.entries(one));
  const right = new Map(Object.entries(other));
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
    const inner = `${path}${path === '' ? '' : '.'}${key}`;
    if (!left.has(key)) return [`${inner}: missing in the first`];
    if (!right.has(key)) return [`${inner}: missing in the second`];
    return leafDifferences(left.get(key), right.get(key), inner);
  });
}
