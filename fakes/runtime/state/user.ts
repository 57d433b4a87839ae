// Determines the user of a container's processes from the container's configuration and the image.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import { ACCOUNTS, type User } from '../process/simulation';
import type { Image } from './images';

/** Groups by name, in addition to those that are named after accounts. */
const GROUPS: Readonly<Record<string, string>> = { users: '100' };

const isNumber = (text: string) => /^\d+$/.test(text);

function groupNumber(group: string): string | undefined {
  if (isNumber(group)) return group;
  return GROUPS[group] ?? ACCOUNTS.find(({ name }) => name === group)?.gid;
}

/**
 * Returns the user and the groups of a container. If the configuration contains no group, the group is that of the
 * user's account. The image's groups are added unless the group policy is strict.
 */
export function userOf({ config, image }: { config: ContainerConfig; image: Image }): User {
  const security = config.linux?.security_context;
  const configured = security?.run_as_user?.value ?? security?.run_as_username ?? '';
  const [user = '', group = ''] =
    configured === '' ? image.user.split(':') : [configured, security?.run_as_group?.value];
  const account = [...(image.accounts ?? []), ...ACCOUNTS].find(({ name, uid }) => user === name || user === uid);
  const gid = groupNumber(group) ?? account?.gid ?? '0';
  const ofImage = security?.supplemental_groups_policy === 'Strict' ? [] : (account?.groups ?? []);
  return {
    uid: account?.uid ?? (isNumber(user) ? user : '0'),
    gid,
    groups: [gid, ...(security?.supplemental_groups ?? []), ...ofImage],
  };
}
