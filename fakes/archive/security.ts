// Converts the user, the capabilities and the masked paths of a container to the forms in an archive.
import { type GoValue, type Written, written } from '../go/json';
import type { ContainerSnapshot, SnapshotSecurity } from './snapshot';

/** Returns the settings that apply to a container. In a privileged container, no paths are masked or read-only. */
export function securityOf({ security }: ContainerSnapshot): SnapshotSecurity {
  return security.privileged ? { ...security, maskedPaths: [], readonlyPaths: [] } : security;
}

/** All capabilities, in the order of their numbers (linux/capability.h). */
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
/** The name for all capabilities in CRI's lists of added and dropped capabilities. */
const ALL = 'ALL';

const withoutPrefix = (name: string) => name.toUpperCase().replace(/^CAP_/, '');

/**
 * Returns the capabilities of a container.
 *
 * @param defaults the capabilities that the runtime gives to every container, without `CAP_`
 * @returns the names of the capabilities, without `CAP_`
 */
export function capabilitiesOf(snapshot: ContainerSnapshot, defaults: readonly string[]): readonly string[] {
  const { privileged, addedCapabilities = [], droppedCapabilities = [] } = securityOf(snapshot);
  if (privileged) return CAPABILITIES;
  if (addedCapabilities.length === 0 && droppedCapabilities.length === 0) return defaults;
  const [added, dropped] = [addedCapabilities.map(withoutPrefix), droppedCapabilities.map(withoutPrefix)];
  const all = added.includes(ALL) ? CAPABILITIES : defaults;
  const names = new Set(dropped.includes(ALL) ? [] : all);
  for (const name of added) if (name !== ALL) names.add(name);
  for (const name of dropped) names.delete(name);
  return [...names];
}

/** Converts capabilities to the kernel's bit masks of 32 bits each. */
export function capabilityMasks(names: readonly string[]): readonly [low: number, high: number] {
  const masks: [number, number] = [0, 0];
  for (const name of names) {
    const bit = CAPABILITIES.indexOf(name);
    if (bit >= 32) masks[1] |= 1 << (bit - 32);
    else if (bit >= 0) masks[0] |= 1 << bit;
  }
  return [masks[0] >>> 0, masks[1] >>> 0];
}

/** A cache of encoded JSON by list of capabilities, because most containers have the default list. */
const ociSets = new WeakMap<readonly string[], Written>();

function ociCapabilities(names: readonly string[]): Written {
  const known = ociSets.get(names);
  if (known) return known;
  const set = names.length > 0 ? names.map((name) => `CAP_${name}`) : undefined;
  const sets = written({ bounding: set, effective: set, permitted: set });
  ociSets.set(names, sets);
  return sets;
}

/**
 * Returns the members of `process` in the OCI runtime configuration that concern the user and its capabilities.
 *
 * @param defaults the capabilities that the runtime gives to every container, without `CAP_`
 */
export function ociRights(
  snapshot: ContainerSnapshot,
  defaults: readonly string[],
): { user: GoValue; capabilities: GoValue; noNewPrivileges: true | undefined } {
  const { uid, gid, groups, noNewPrivileges } = securityOf(snapshot);
  return {
    user: { uid, gid, additionalGids: groups.length > 0 ? groups : undefined },
    capabilities: ociCapabilities(capabilitiesOf(snapshot, defaults)),
    noNewPrivileges: noNewPrivileges || undefined,
  };
}

/** Returns a list of paths for Go's JSON, which omits an empty list (`omitempty`). */
export const pathList = (paths: readonly string[]) => (paths.length > 0 ? paths : undefined);
