// Whom a container's processes run as, what they may do, and what is hidden from them, in the shapes of an archive.
import { type GoValue, type Written, written } from '../go/json';
import type { ContainerSnapshot, SnapshotSecurity } from './snapshot';

/** As the container has it: from a privileged one, nothing is hidden whatever its configuration lists. */
export function securityOf({ security }: ContainerSnapshot): SnapshotSecurity {
  return security.privileged ? { ...security, maskedPaths: [], readonlyPaths: [] } : security;
}

/** In the order of their numbers (linux/capability.h). */
const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
];
/** Stands for all of them where capabilities are added or dropped (CRI). */
const ALL = 'ALL';

const bare = (name: string) => name.toUpperCase().replace(/^CAP_/, '');

/** Capabilities of a container, without `CAP_`: the runtime's usual ones, with what its configuration adds and drops. */
export function capabilitiesOf(snapshot: ContainerSnapshot, usual: readonly string[]): readonly string[] {
  const { privileged, addedCapabilities = [], droppedCapabilities = [] } = securityOf(snapshot);
  if (privileged) return CAPABILITIES;
  if (addedCapabilities.length === 0 && droppedCapabilities.length === 0) return usual;
  const [added, dropped] = [addedCapabilities.map(bare), droppedCapabilities.map(bare)];
  const all = added.includes(ALL) ? CAPABILITIES : usual;
  const names = new Set(dropped.includes(ALL) ? [] : all);
  for (const name of added) if (name !== ALL) names.add(name);
  for (const name of dropped) names.delete(name);
  return [...names];
}

/** Capabilities as the kernel's two words of bits. */
export function capabilityMasks(names: readonly string[]): readonly [low: number, high: number] {
  const words: [number, number] = [0, 0];
  for (const name of names) {
    const bit = CAPABILITIES.indexOf(name);
    if (bit >= 32) words[1] |= 1 << (bit - 32);
    else if (bit >= 0) words[0] |= 1 << bit;
  }
  return [words[0] >>> 0, words[1] >>> 0];
}

const ociSets = new WeakMap<readonly string[], Written>();

function ociCapabilities(names: readonly string[]): Written {
  const known = ociSets.get(names);
  if (known) return known;
  const set = names.length > 0 ? names.map((name) => `CAP_${name}`) : undefined;
  const sets = written({ bounding: set, effective: set, permitted: set });
  ociSets.set(names, sets);
  return sets;
}

/** What `process` of an OCI runtime configuration tells of them. */
export function ociRights(
  snapshot: ContainerSnapshot,
  usual: readonly string[],
): { user: GoValue; capabilities: GoValue; noNewPrivileges: true | undefined } {
  const { uid, gid, groups, noNewPrivileges } = securityOf(snapshot);
  return {
    user: { uid, gid, additionalGids: groups.length > 0 ? groups : undefined },
    capabilities: ociCapabilities(capabilitiesOf(snapshot, usual)),
    noNewPrivileges: noNewPrivileges || undefined,
  };
}

/** A list of paths in Go's JSON: left out where it is empty (`omitempty`). */
export const pathList = (paths: readonly string[]) => (paths.length > 0 ? paths : undefined);
