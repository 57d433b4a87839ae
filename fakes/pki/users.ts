// Users that the kubelet knows without asking, and the groups that it adds.
import type { UserInfo } from '../go/net-http/exchange';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';

/** Who shows nothing. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** Whoever has the token that was made at start. */
export const OWN_USER: UserInfo = { name: 'admin', groups: ['system:masters', AUTHENTICATED] };

/** The user, in the group of all who are known. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  return user.groups.includes(AUTHENTICATED) || user.groups.includes(UNAUTHENTICATED)
    ? user
    : { ...user, groups: [...user.groups, AUTHENTICATED] };
}
