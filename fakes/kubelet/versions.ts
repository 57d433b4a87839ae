// What changed between the versions of the kubelet, as far as a client of the checkpoint endpoint can tell.
import { UserError } from '../base/user-error';

/** The version that is faked where none is named. */
export const DEFAULT_VERSION = '1.36';

export interface KubernetesVersion {
  readonly minor: number;
  /** Infinity: the latest of its minor version. */
  readonly patch: number;
}

/** One known change. `measured`: seen on a running kubelet; `read`: found in source or announcements. */
export interface VersionRow {
  readonly what: string;
  readonly since: string;
  readonly source: string;
  readonly known: 'measured' | 'read';
}

export const VERSION_ROWS = {
  gateAlpha: {
    what: 'ContainerCheckpoint is alpha, and off unless it is switched on',
    since: '1.25',
    source: 'kubernetes/kubernetes pkg/features/kube_features.go; KEP-2008',
    known: 'read',
  },
  gateBeta: {
    what: 'ContainerCheckpoint is beta, and on unless it is switched off',
    since: '1.30',
    source: 'kubernetes/kubernetes pkg/features/kube_features.go; on by default seen in 1.36.2',
    known: 'read',
  },
  authRequired: {
    what: 'the route needs credentials and enableDebuggingHandlers; before, it also stood on the read-only port',
    since: '1.30.10, 1.31.6, 1.32.2',
    source: 'CVE-2025-0426, kubernetes/kubernetes#130016, fixed by #129739; its absence seen in 1.36.2',
    known: 'read',
  },
  fineGrained: {
    what: 'pods, healthz and configz are asked for as subresources of their own, before proxy',
    since: '1.33 by default, 1.32 with KubeletFineGrainedAuthz',
    source: 'KEP-2862, kubernetes/kubernetes pkg/kubelet/server/auth.go; seen in 1.36.2',
    known: 'read',
  },
  forbiddenLists: {
    what: 'the text of a 403 lists subresources and ends in a newline; before, it names the one, without',
    since: '1.32',
    source: 'kubernetes/kubernetes pkg/kubelet/server/server.go; the new form seen in 1.36.2',
    known: 'read',
  },
  devicePlugin: {
    what: 'health has a check of the registration of device plugins',
    since: '1.32',
    source:
      'kubernetes/kubernetes pkg/kubelet/server/server.go (checkers), pkg/kubelet/cm/container_manager_linux.go (GetHealthCheckers)',
    known: 'read',
  },
  ownPages: {
    what: 'beside the debugging handlers stand /statusz and /flagz, unless ComponentStatusz and ComponentFlagz are switched off',
    since: '1.36',
    source:
      'kubernetes/kubernetes component-base/zpages/features/kube_features.go; pkg/kubelet/server/server.go (InstallZPages)',
    known: 'read',
  },
  redirect: {
    what: 'an unclean path is sent to the clean one with 307; before, with 301',
    since: '1.36',
    source:
      'Go 1.26 release notes, net/http: ServeMux redirects with 307; 1.36 is the first one built with it from its start; 307 seen in 1.36.2',
    known: 'read',
  },
} as const satisfies Readonly<Record<string, VersionRow>>;

/** Version in `1.36`, `v1.36.2` and the like; undefined for anything else. */
export function parseVersion(version: string): KubernetesVersion | undefined {
  const [, minor, patch] = /^v?1\.([0-9]{1,3})(?:\.([0-9]{1,3}))?$/.exec(version) ?? [];
  if (minor === undefined) return undefined;
  return { minor: Number(minor), patch: patch === undefined ? Number.POSITIVE_INFINITY : Number(patch) };
}

/** As parseVersion. Throws UserError for anything else. */
export function requireVersion(version: string): KubernetesVersion {
  const parsed = parseVersion(version);
  if (parsed) return parsed;
  throw new UserError(`${version} is no version of Kubernetes: give one such as ${DEFAULT_VERSION}.`);
}

/** Patch of the default version that was recorded. */
const RECORDED_PATCH = 2;

/** As a kubelet names its version: `v1.36.2`. A minor alone is its first patch, but for the one that was recorded. */
export function gitVersion(version: string): string {
  const { minor, patch } = requireVersion(version);
  const recorded = `1.${minor}` === DEFAULT_VERSION ? RECORDED_PATCH : 0;
  return `v1.${minor}.${Number.isFinite(patch) ? patch : recorded}`;
}

/** A default that holds from a minor version on. */
interface Since {
  readonly minor: number;
  readonly value: boolean;
}

/** Defaults of the gates that matter here. */
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

/** Gates that stand firm from a minor version on, whatever is configured. */
const LOCKED: Readonly<Record<string, Since>> = { KubeletFineGrainedAuthz: { minor: 36, value: true } };

/** Gates that have an effect here. */
export const KNOWN_GATES: readonly string[] = Object.keys(GATES);

/** Whether a gate is on: as set, else as that version has it by default; a gate that it does not know is off. */
export function gateEnabled(
  gates: Readonly<Record<string, boolean>>,
  gate: string,
  { minor }: KubernetesVersion,
): boolean {
  const locked = LOCKED[gate];
  if (locked && locked.minor <= minor) return locked.value;
  return gates[gate] ?? GATES[gate]?.findLast((since) => since.minor <= minor)?.value ?? false;
}

/** First patch of a minor version in which the route needs credentials; minor versions before got none. */
const ROUTE_FIXED: Readonly<Record<number, number>> = { 30: 10, 31: 6, 32: 2 };

/** Whether the checkpoint route stands among the default handlers: on the read-only port too, with debugging handlers off too. */
export function hasOpenRoute({ minor, patch }: KubernetesVersion): boolean {
  if (minor < 30) return true;
  const fixed = ROUTE_FIXED[minor];
  return fixed !== undefined && patch < fixed;
}

/** Whether a 403 lists all subresources that were tried. */
export const listsSubresources = ({ minor }: KubernetesVersion): boolean => minor >= 32;

/** Pages on which a kubelet tells of itself, each behind a gate. */
export const ownPages = (gates: Readonly<Record<string, boolean>>, version: KubernetesVersion): readonly string[] => [
  ...(gateEnabled(gates, 'ComponentStatusz', version) ? ['/statusz'] : []),
  ...(gateEnabled(gates, 'ComponentFlagz', version) ? ['/flagz'] : []),
];

/** Checks of its health that a kubelet makes, in order. */
export const healthChecks = ({ minor }: KubernetesVersion): readonly string[] => [
  ...['ping', 'log', 'syncloop'],
  ...(minor >= 32 ? ['device-plugin'] : []),
];

/** Status with which Go's ServeMux sends a client to a cleaner path. */
export const redirectStatus = ({ minor }: KubernetesVersion): 301 | 307 => (minor >= 36 ? 307 : 301);
