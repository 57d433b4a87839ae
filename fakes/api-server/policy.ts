// Who holds which token, and who may do what: the script of the fake API server.
import type { UserInfo } from '../go/net-http/exchange';

/** A token and whose it is. */
export interface TokenEntry {
  readonly token: string;
  readonly user: UserInfo;
  /** It was theirs. */
  readonly expired?: boolean;
}

/** Leave for some users or groups; `*` stands for anything. */
export interface Rule {
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly verbs: readonly string[];
  /** With their subresource: `nodes/checkpoint`. */
  readonly resources: readonly string[];
  /** Names of nodes; left out: any. */
  readonly names?: readonly string[];
}

/** What is asked for. */
export interface Attributes {
  readonly verb: string;
  /** With its subresource. */
  readonly resource: string;
  readonly name: string;
}

export interface Policy {
  readonly tokens: readonly TokenEntry[];
  readonly rules: readonly Rule[];
  /** Whom kubelets see in requests that come through the API server; default: somebody in system:masters. */
  readonly kubeletClient?: Pick<UserInfo, 'name' | 'groups'>;
}

/** Roles that clusters have from the start, as far as they touch nodes: kubernetes/kubernetes bootstrappolicy/policy.go. */
export const ROLES: Readonly<Record<string, readonly Pick<Rule, 'verbs' | 'resources'>[]>> = {
  'cluster-admin': [{ verbs: ['*'], resources: ['*'] }],
  // It has no nodes/checkpoint (kubernetes/kubernetes#126232).
  'system:kubelet-api-admin': [
    { verbs: ['get', 'list', 'watch', 'proxy'], resources: ['nodes'] },
    {
      verbs: ['*'],
      resources: [
        'nodes/proxy',
        'nodes/metrics',
        'nodes/stats',
        'nodes/log',
        'nodes/configz',
        'nodes/healthz',
        'nodes/pods',
      ],
    },
  ],
  'system:auth-delegator': [{ verbs: ['create'], resources: ['tokenreviews', 'subjectaccessreviews'] }],
};

/** What holds whatever the script says: masters may do all, nodes may ask. */
const ALWAYS: readonly Rule[] = [
  { groups: ['system:masters'], verbs: ['*'], resources: ['*'] },
  { groups: ['system:nodes'], verbs: ['create'], resources: ['tokenreviews', 'subjectaccessreviews'] },
];

const has = (list: readonly string[] | undefined, value: string) =>
  list?.includes('*') === true || list?.includes(value) === true;

function applies(rule: Rule, user: Pick<UserInfo, 'name' | 'groups'>, { verb, resource, name }: Attributes): boolean {
  return (
    (has(rule.users, user.name) || user.groups.some((group) => has(rule.groups, group))) &&
    has(rule.verbs, verb) &&
    has(rule.resources, resource) &&
    (rule.names === undefined || has(rule.names, name))
  );
}

/** Whether a user may do what is asked for. */
export function allows(policy: Policy, user: Pick<UserInfo, 'name' | 'groups'>, asked: Attributes): boolean {
  return [...ALWAYS, ...policy.rules].some((rule) => applies(rule, user, asked));
}

const entryOf = (policy: Policy, token: string) => policy.tokens.find((entry) => entry.token === token);

export const hasExpired = (policy: Policy, token: string): boolean => entryOf(policy, token)?.expired === true;

/** Whose token it is, unless it has expired. */
export function holderOf(policy: Policy, token: string): UserInfo | undefined {
  const entry = entryOf(policy, token);
  return entry?.expired ? undefined : entry?.user;
}
