// Defines the tokens and the permissions of the fake API server's users.
import type { UserInfo } from '../go/net-http/exchange';

/** A token and its user. */
export interface TokenEntry {
  readonly token: string;
  readonly user: UserInfo;
  /** Whether the token has expired. */
  readonly expired?: boolean;
}

/** A permission for users or groups. `*` matches any value. */
export interface Rule {
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly verbs: readonly string[];
  /** Resources with their subresource, such as `nodes/checkpoint`. */
  readonly resources: readonly string[];
  /** Names of nodes. Default: any name. */
  readonly names?: readonly string[];
}

/** The action that a user wants to do. */
export interface Attributes {
  readonly verb: string;
  /** The resource with its subresource. */
  readonly resource: string;
  readonly name: string;
}

/** The tokens and the permissions of users. */
export interface Policy {
  readonly tokens: readonly TokenEntry[];
  readonly rules: readonly Rule[];
  /** The user that kubelets see in requests through the API server. Default: a user in system:masters. */
  readonly kubeletClient?: Pick<UserInfo, 'name' | 'groups'>;
}

/**
 * The permissions for nodes in the default roles of clusters, from bootstrappolicy/policy.go of kubernetes/kubernetes.
 */
export const ROLES: Readonly<Record<string, readonly Pick<Rule, 'verbs' | 'resources'>[]>> = {
  'cluster-admin': [{ verbs: ['*'], resources: ['*'] }],
  // This role does not contain nodes/checkpoint (kubernetes/kubernetes#126232).
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

/** Rules that apply in addition to every policy: system:masters has all permissions, and nodes may send reviews. */
const BUILT_IN_RULES: readonly Rule[] = [
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

/** Returns whether the policy allows an action of a user. */
export function allows(policy: Policy, user: Pick<UserInfo, 'name' | 'groups'>, attributes: Attributes): boolean {
  return [...BUILT_IN_RULES, ...policy.rules].some((rule) => applies(rule, user, attributes));
}

const entryOf = (policy: Policy, token: string) => policy.tokens.find((entry) => entry.token === token);

/** Returns whether a token has expired. */
export const hasExpired = (policy: Policy, token: string): boolean => entryOf(policy, token)?.expired === true;

/** Returns the user of a token, or undefined if the token is unknown or has expired. */
export function userOfToken(policy: Policy, token: string): UserInfo | undefined {
  const entry = entryOf(policy, token);
  return entry?.expired ? undefined : entry?.user;
}
