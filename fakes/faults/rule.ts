// What a fault plan is made of, and on which wire each of its rules works.
import type { status } from '@grpc/grpc-js';

/** What is left out fits everything; `*` in a word stands for any number of characters. */
export interface Match {
  /** A CRI call such as CheckpointContainer, or an HTTP method such as POST. */
  readonly method?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly image?: string;
  /** Of HTTP requests: at the kubelet, the default, or on the API server's path to it. */
  readonly hop?: 'kubelet' | 'api-server';
  /** Only the n-th of the calls that fit the rest, counted from 1. */
  readonly call?: number;
}

export type ArchiveFault =
  | 'missing'
  | 'empty'
  | 'truncated'
  | 'corrupt'
  | 'wrong-mode'
  | 'wrong-place'
  | 'left-over'
  | 'slow-write'
  | 'no-space'
  | 'frozen-container';

/** One action; `delay` may stand beside another one, and `status`, `body` and `truncate` go together. */
export interface Action {
  readonly abort?: { readonly code: Exclude<keyof typeof status, 'OK'>; readonly message?: string };
  /** Milliseconds, or with a unit: `250ms`, `1.5s`, `2m`. */
  readonly delay?: number | string;
  readonly hang?: true;
  readonly disconnect?: true;
  readonly restart?: true;
  readonly archive?: ArchiveFault;
  readonly status?: number;
  readonly body?: string;
  /** Bytes of the body after which the connection ends. */
  readonly truncate?: number;
  readonly reset?: true;
}

export type Verb = 'hang' | 'disconnect' | 'restart' | 'reset';

export interface FaultRule {
  readonly match?: Match;
  /** Default: once. */
  readonly times?: number | 'always';
  readonly do: Action | Verb;
}

/** `api` is HTTP too, on the API server's path to the kubelet. */
export type FaultWire = 'cri' | 'archive' | 'http' | 'api';

const HTTP_METHOD = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

const isHttpMethod = (method: string | undefined) => method !== undefined && HTTP_METHOD.test(method);

/** The one word for an action is the action with nothing more to say. */
export const actionOf = ({ do: action }: FaultRule): Action =>
  typeof action === 'string' ? { [action]: true } : action;

/** Actions that work on one wire only; `delay` and `hang` go where the method belongs. */
const WIRES: Readonly<Record<keyof Action, FaultWire | undefined>> = {
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

/** Actions that may be asked for together with others of their group. */
const TOGETHER: ReadonlySet<string> = new Set(['delay', 'status', 'body', 'truncate']);

const keysOf = (action: Action) => Object.keys(action) as (keyof Action)[];

/** The wire of a rule. */
export function wireOf(rule: FaultRule): FaultWire {
  const wire = wireOfAction(rule);
  return rule.match?.hop === 'api-server' && wire === 'http' ? 'api' : wire;
}

function wireOfAction(rule: FaultRule): FaultWire {
  const action = actionOf(rule);
  // What freezes the container for good does so when the call is over.
  if (action.archive === 'frozen-container') return 'cri';
  for (const key of keysOf(action)) {
    const wire = WIRES[key];
    if (wire) return wire;
  }
  return isHttpMethod(rule.match?.method) || rule.match?.hop !== undefined ? 'http' : 'cri';
}

/** What is wrong with a rule that has the right shape, and at which key; undefined: nothing. */
export function contradiction(
  rule: FaultRule,
  criMethods: ReadonlySet<string>,
): { readonly path: readonly string[]; readonly says: string } | undefined {
  const action = actionOf(rule);
  const keys = keysOf(action);
  const alone = keys.filter((key) => !TOGETHER.has(key));
  const wires = new Set(keys.map((key) => WIRES[key]).filter((wire) => wire !== undefined));
  if (
    alone.length > 1 ||
    wires.size > 1 ||
    (alone.length === 1 && keys.some((key) => key !== 'delay' && TOGETHER.has(key)))
  ) {
    return { path: ['do'], says: `asks for ${keys.join(' and ')} at once: give one of them, if need be with a delay` };
  }
  if (rule.match?.hop !== undefined && wireOfAction(rule) !== 'http') {
    return { path: ['match', 'hop'], says: `is for HTTP, and ${keys.join(', ')} is not: leave it out` };
  }
  if (rule.match?.hop !== undefined && criMethods.has(rule.match.method ?? '')) {
    return { path: ['match', 'hop'], says: `is for HTTP, and ${rule.match.method} is a CRI call: leave it out` };
  }
  const method = rule.match?.method;
  if (method === undefined || method.includes('*')) return undefined;
  const path = ['match', 'method'];
  const wire = [...wires][0];
  if (!isHttpMethod(method) && !criMethods.has(method)) {
    return {
      path,
      says: `${method} is neither a CRI call nor an HTTP method: write one such as CheckpointContainer or POST`,
    };
  }
  if (wire === 'http' && !isHttpMethod(method)) {
    return {
      path,
      says: `${method} is a CRI call, and ${keys.join(', ')} is for HTTP: write an HTTP method, or leave it out`,
    };
  }
  if (wire !== undefined && wire !== 'http' && isHttpMethod(method)) {
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
