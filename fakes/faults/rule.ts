// Defines the rules of a fault plan, and the boundary at which each rule applies.
import type { status } from '@grpc/grpc-js';

/**
 * The calls to which a rule applies. A missing key matches everything, and `*` in a value matches any number of
 * characters.
 */
export interface Match {
  /** A CRI call such as CheckpointContainer, or an HTTP method such as POST. */
  readonly method?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly image?: string;
  /** For HTTP requests: whether the rule applies at the kubelet (default) or between the API server and the kubelet. */
  readonly hop?: 'kubelet' | 'api-server';
  /** Restricts the rule to the n-th call that matches the other keys, counted from 1. */
  readonly call?: number;
}

/**
 * The effects on an archive. `intact` does not change the archive. In combination with a delay, the archive is only
 * written later.
 */
export const ARCHIVE_FAULTS = [
  'intact',
  'missing',
  'empty',
  'truncated',
  'corrupt',
  'wrong-mode',
  'wrong-place',
  'left-over',
  'slow-write',
  'no-space',
  'frozen-container',
] as const;

export type ArchiveFault = (typeof ARCHIVE_FAULTS)[number];

/** One action. `delay` can be combined with any other action, and `status`, `body` and `truncate` with each other. */
export interface Action {
  readonly abort?: { readonly code: Exclude<keyof typeof status, 'OK'>; readonly message?: string };
  /** Delay in milliseconds, or with a unit: `250ms`, `1.5s`, `2m`. */
  readonly delay?: number | string;
  readonly hang?: true;
  readonly disconnect?: true;
  readonly restart?: true;
  readonly archive?: ArchiveFault;
  readonly status?: number;
  readonly body?: string;
  /** Number of bytes of the body after which the connection ends. */
  readonly truncate?: number;
  readonly reset?: true;
}

export type Verb = 'hang' | 'disconnect' | 'restart' | 'reset';

/** A rule of a fault plan: the calls that it matches, and the action for these calls. */
export interface FaultRule {
  readonly match?: Match;
  /** Maximum number of times that the rule is used. Default: 1. */
  readonly times?: number | 'always';
  readonly do: Action | Verb;
}

/** The boundaries at which faults apply. `api` is HTTP on the API server's path to the kubelet. */
export type FaultBoundary = 'cri' | 'archive' | 'http' | 'api';

const HTTP_METHOD = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

const isHttpMethod = (method: string | undefined) => method !== undefined && HTTP_METHOD.test(method);

/** Returns the action of a rule; an action without parameters can be given by its name alone. */
export const actionOf = ({ do: action }: FaultRule): Action =>
  typeof action === 'string' ? { [action]: true } : action;

/** The boundary of each action. `delay` and `hang` apply at the boundary of the rule's method. */
const BOUNDARIES: Readonly<Record<keyof Action, FaultBoundary | undefined>> = {
  abort: 'cri',
  delay: undefined,
  hang: undefined,
  disconnect: 'cri',
  restart: 'cri',
  archive: 'archive',
  status: 'http',
  body: 'http',
  truncate: 'http',
  reset: 'http',
};

/** Actions that can be combined with others. */
const TOGETHER: ReadonlySet<string> = new Set(['delay', 'status', 'body', 'truncate']);

const keysOf = (action: Action) => Object.keys(action) as (keyof Action)[];

/** Returns the boundary at which a rule applies. */
export function boundaryOf(rule: FaultRule): FaultBoundary {
  const boundary = boundaryOfAction(rule);
  return rule.match?.hop === 'api-server' && boundary === 'http' ? 'api' : boundary;
}

function boundaryOfAction(rule: FaultRule): FaultBoundary {
  const action = actionOf(rule);
  // The runtime resumes the container before it writes the archive. So this action freezes the container at the end of
  // the CRI call.
  if (action.archive === 'frozen-container') return 'cri';
  for (const key of keysOf(action)) {
    const boundary = BOUNDARIES[key];
    if (boundary) return boundary;
  }
  return isHttpMethod(rule.match?.method) || rule.match?.hop !== undefined ? 'http' : 'cri';
}

/**
 * Checks a rule that is valid according to the schema.
 * @returns the key and a sentence about it, or undefined if the rule is consistent
 */
export function contradiction(
  rule: FaultRule,
  criMethods: ReadonlySet<string>,
): { readonly path: readonly string[]; readonly says: string } | undefined {
  const action = actionOf(rule);
  const keys = keysOf(action);
  const alone = keys.filter((key) => !TOGETHER.has(key));
  const boundaries = new Set(keys.map((key) => BOUNDARIES[key]).filter((boundary) => boundary !== undefined));
  if (
    alone.length > 1 ||
    boundaries.size > 1 ||
    (alone.length === 1 && keys.some((key) => key !== 'delay' && TOGETHER.has(key)))
  ) {
    return {
      path: ['do'],
      says: `has ${keys.join(' and ')} together: give only one of them; a delay can be added to it`,
    };
  }
  if (rule.match?.hop !== undefined && boundaryOfAction(rule) !== 'http') {
    return { path: ['match', 'hop'], says: `is for HTTP, and ${keys.join(', ')} is not: leave it out` };
  }
  if (rule.match?.hop !== undefined && criMethods.has(rule.match.method ?? '')) {
    return { path: ['match', 'hop'], says: `is for HTTP, and ${rule.match.method} is a CRI call: leave it out` };
  }
  const method = rule.match?.method;
  if (method === undefined || method.includes('*')) return undefined;
  const path = ['match', 'method'];
  const [boundary] = boundaries;
  if (!isHttpMethod(method) && !criMethods.has(method)) {
    return {
      path,
      says: `${method} is neither a CRI call nor an HTTP method: write one such as CheckpointContainer or POST`,
    };
  }
  if (boundary === 'http' && !isHttpMethod(method)) {
    return {
      path,
      says: `${method} is a CRI call, and ${keys.join(', ')} is for HTTP: write an HTTP method, or leave it out`,
    };
  }
  if (boundary !== undefined && boundary !== 'http' && isHttpMethod(method)) {
    return {
      path,
      says: `${method} is an HTTP method, and ${keys.join(', ')} is for CRI calls: write one of those, or leave it out`,
    };
  }
  if (action.archive !== undefined && method !== 'CheckpointContainer') {
    return { path, says: `only CheckpointContainer writes archives, not ${method}: write that, or leave it out` };
  }
  return undefined;
}
