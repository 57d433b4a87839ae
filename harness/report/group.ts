// Splits the ids of rules, which are paths, into group and name.

/** Returns `kubelet/status-codes` for `kubelet/status-codes/unknown-pod-is-404`. */
const groupOf = (id: string): string => id.slice(0, id.lastIndexOf('/'));

/** Returns the last part of an id: `unknown-pod-is-404` for `kubelet/status-codes/unknown-pod-is-404`. */
export const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Groups items by the group of their ids, in the order in which groups first occur. */
export function byGroup<T extends { readonly id: string }>(listed: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of listed) {
    const members = groups.get(groupOf(one.id)) ?? [];
    groups.set(groupOf(one.id), members);
    members.push(one);
  }
  return groups;
}
