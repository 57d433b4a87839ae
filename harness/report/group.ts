// Ids of rules as paths: the group that a rule stands in, and its own name there.

/** `kubelet/status-codes` of `kubelet/status-codes/unknown-pod-is-404`. */
const groupOf = (id: string): string => id.slice(0, id.lastIndexOf('/'));

/** `unknown-pod-is-404` of the same. */
export const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** What is listed, by group, in the order of the first of each. */
export function byGroup<T extends { readonly id: string }>(listed: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of listed) {
    const members = groups.get(groupOf(one.id)) ?? [];
    groups.set(groupOf(one.id), members);
    members.push(one);
  }
  return groups;
}
