// Lists the differences between versions of the kubelet that a client of the checkpoint endpoint can observe.
import { UserError } from '../base/user-error';

/** The version that the fake has by default. */
export const DEFAULT_VERSION = '1.36';

export interface KubernetesVersion {
  readonly minor: number;
  /** Patch release; Infinity for the latest. */
  readonly patch: number;
}

/** A known change between versions. */
export interface VersionRow {
  readonly what: string;
  readonly since: string;
  readonly source: string;
  /** How the change is known. `measured`: from a running kubelet. `read`: from the source code or announcements. */
  readonly known: 'measured' | 'read';
}

export const VERSION_ROWS = {
  gateAlpha: {
    what: 'ContainerCheckpoint is alpha and off by default',
    since: '1.25',
    source: 'kubernetes/kubernetes pkg/features/kube_features.go; KEP-2008',
    known: 'read',
  },
  gateBeta: {
    what: 'ContainerCheckpoint is beta and on by default',
    since: '1.30',
    source: 'kubernetes/kubernetes pkg/features/kube_features.go; measured to be on in 1.36.2',
    known: 'read',
  },
  authRequired: {
    what: 'the route needs credentials and enableDebuggingHandlers; before, it was also served on the read-only port',
    since: '1.29.14, 1.30.10, 1.31.6, 1.32.2',
    source:
      'CVE-2025-0426, kubernetes/kubernetes#130016, fixed by #129739, in 1.29 by #130014; measured to be absent there in 1.36.2',
    known: 'read',
  },
  fineGrained: {
    what: 'pods, healthz and configz have their own subresources, which are reviewed before proxy',
    since: '1.33 by default, 1.32 with KubeletFineGrainedAuthz',
    source: 'KEP-2862, kubernetes/kubernetes pkg/kubelet/server/auth.go; measured in 1.36.2',
    known: 'read',
  },
  forbiddenLists: {
    what: 'the text of a 403 lists all subresources and ends with a newline; before, it names one and has no newline',
    since: '1.32',
    source: 'kubernetes/kubernetes pkg/kubelet/server/server.go; the new form measured in 1.36.2',
    known: 'read',
  },
  devicePlugin: {
    what: 'the health checks include the registration of device plugins',
    since: '1.32',
    source:
      'kubernetes/kubernetes pkg/kubelet/server/server.go (checkers), pkg/kubelet/cm/container_manager_linux.go (GetHealthCheckers)',
    known: 'read',
  },
  statusPages: {
    what: 'the debugging handlers include /statusz and /flagz, unless ComponentStatusz and ComponentFlagz are off',
    since: '1.36',
    source:
      'kubernetes/kubernetes component-base/zpages/features/kube_features.go; pkg/kubelet/server/server.go (InstallZPages)',
    known: 'read',
  },
  redirect: {
    what: 'a path that is not clean is redirected with status 307; before, with 301',
    since: '1.36',
    source:
      'Go 1.26 release notes, net/http: ServeMux redirects with 307; 1.36.0 is the first release built with it; 307 measured in 1.36.2',
    known: 'read',
  },
} as const satisfies Readonly<Record<string, VersionRow>>;

/**
 * Reads a version such as `1.36` or `v1.36.2`.
 * @returns the version; undefined if the text is not a version of Kubernetes
 */
export function parseVersion(version: string): KubernetesVersion | undefined {
  const [, minor, patch] = /^v?1\.([0-9]{1,3})(?:\.([0-9]{1,3}))?$/.exec(version) ?? [];
  if (minor === undefined) return undefined;
  return { minor: Number(minor), patch: patch === undefined ? Number.POSITIVE_INFINITY : Number(patch) };
}

/**
 * Reads a version such as `1.36` or `v1.36.2`, which must be valid.
 * @throws UserError if the text is not a version of Kubernetes
 */
export function requireVersion(version: string): KubernetesVersion {
  const parsed = parseVersion(version);
  if (parsed) return parsed;
  throw new UserError(`${version} is not a version of Kubernetes: give one such as ${DEFAULT_VERSION}.`);
}

/** The patch release of the default version whose behavior was recorded. */
const RECORDED_PATCH = 2;

/**
 * Returns a version as a kubelet reports it, such as `v1.36.2`.
 * @param version version with or without a patch release. If the patch release is missing, the recorded patch release
 * is added to the default version, and the first patch release to any other version
 * @throws UserError if the text is not a version of Kubernetes
 */
export function gitVersion(version: string): string {
  const { minor, patch } = requireVersion(version);
  const recorded = `1.${minor}` === DEFAULT_VERSION ? RECORDED_PATCH : 0;
  return `v1.${minor}.${Number.isFinite(patch) ? patch : recorded}`;
}

/** A default that applies since this minor version. */
interface Since {
  readonly minor: number;
  readonly value: boolean;
}

/** Defaults of the feature gates that have an effect here. */
const GATES: Readonly<Record<string, readonly Since[]>> = {
  ContainerCheckpoint: [
    { minor: 25, value: false },
    { minor: 30, value: true },
  ],
  KubeletFineGrainedAuthz: [
    { minor: 32, value: false },
    { minor: 33, value: true },
  ],
  ComponentStatusz: [
    { minor: 32, value: false },
    { minor: 36, value: true },
  ],
  ComponentFlagz: [
    { minor: 32, value: false },
    { minor: 36, value: true },
  ],
};

/** Feature gates, with the minor version since which they cannot be configured. */
const LOCKED: Readonly<Record<string, Since>> = { KubeletFineGrainedAuthz: { minor: 36, value: true } };

/** Names of the feature gates that have an effect here. */
export const KNOWN_GATES: readonly string[] = Object.keys(GATES);

/**
 * Returns whether a feature gate is on in a version.
 * @param gates the configured gates. Other gates have the version's default, and unknown gates are off
 */
export function gateEnabled(
  gates: Readonly<Record<string, boolean>>,
  gate: string,
  { minor }: KubernetesVersion,
): boolean {
  const locked = LOCKED[gate];
  if (locked && locked.minor <= minor) return locked.value;
  return gates[gate] ?? GATES[gate]?.findLast((since) => since.minor <= minor)?.value ?? false;
}

/**
 * The first patch release, by minor version, in which the route needs credentials. Older minor versions have no such
 * release.
 */
const ROUTE_FIXED: Readonly<Record<number, number>> = { 29: 14, 30: 10, 31: 6, 32: 2 };

/**
 * Returns whether the checkpoint route is served on the read-only port, and on the HTTPS port even if the debugging
 * handlers are off.
 */
export function checkpointRouteIsOpen({ minor, patch }: KubernetesVersion): boolean {
  if (minor < 29) return true;
  const fixed = ROUTE_FIXED[minor];
  return fixed !== undefined && patch < fixed;
}

/** Returns whether a 403 lists all subresources that were reviewed. */
export const listsSubresources = ({ minor }: KubernetesVersion): boolean => minor >= 32;

/** Returns the paths of the kubelet's status pages, `/statusz` and `/flagz`, if their feature gates are on. */
export const statusPages = (
  gates: Readonly<Record<string, boolean>>,
  version: KubernetesVersion,
): readonly string[] => [
  ...(gateEnabled(gates, 'ComponentStatusz', version) ? ['/statusz'] : []),
  ...(gateEnabled(gates, 'ComponentFlagz', version) ? ['/flagz'] : []),
];

/** Returns the names of the kubelet's health checks, in order. */
export const healthChecks = ({ minor }: KubernetesVersion): readonly string[] => [
  ...['ping', 'log', 'syncloop'],
  ...(minor >= 32 ? ['device-plugin'] : []),
];

/** Returns the status with which Go's ServeMux redirects to the clean form of a path. */
export const redirectStatus = ({ minor }: KubernetesVersion): 301 | 307 => (minor >= 36 ? 307 : 301);
