// Users that the kubelet knows without asking, and the groups that it adds.
import type { User } from '../go/net-http/exchange';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';

/** Who shows nothing. */
export const ANONYMOUS: User = { name: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** Whoever has the token that was made at start. */
export const OWN_USER: User = { name: 'admin', groups: ['system:masters', AUTHENTICATED] };

/** The user, in the group of all who are known. */
export function withAuthenticatedGroup(user: User): User {
  return user.groups.includes(AUTHENTICATED) || user.groups.includes(UNAUTHENTICATED)
    ? user
    : { ...user, groups: [...user.groups, AUTHENTICATED] };
}
