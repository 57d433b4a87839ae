// Defines the users that a kubelet knows without an API server, and the group that it adds to all users.
import type { UserInfo } from '../go/net-http/exchange';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';

/** The user of a request without credentials. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** The user of the token that the fake kubelet makes at startup. */
export const OWN_USER: UserInfo = { name: 'admin', groups: ['system:masters', AUTHENTICATED] };

/** Adds the group system:authenticated to a user, unless the user already has this group or is anonymous. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  return user.groups.includes(AUTHENTICATED) || user.groups.includes(UNAUTHENTICATED)
    ? user
    : { ...user, groups: [...user.groups, AUTHENTICATED] };
}
