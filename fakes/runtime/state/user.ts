// Whom a container's processes run as: what its configuration says, and then what its image does.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import { ACCOUNTS } from '../machine/accounts';
import type { User } from '../machine/surroundings';
import type { Image } from './images';

/** Groups by name, besides those that accounts are named by. */
const GROUPS: Readonly<Record<string, string>> = { users: '100' };

const isNumber = (text: string) => /^\d+$/.test(text);

function groupNumber(group: string): string | undefined {
  if (isNumber(group)) return group;
  return GROUPS[group] ?? ACCOUNTS.find(({ name }) => name === group)?.gid;
}

/** Who has no group of its own has that of its account; the image's groups come on top, unless the policy is strict. */
export function userOf({ config, image }: { config: ContainerConfig; image: Image }): User {
  const security = config.linux?.security_context;
  const asked = security?.run_as_user?.value ?? security?.run_as_username ?? '';
  const [user = '', group = ''] = asked === '' ? image.user.split(':') : [asked, security?.run_as_group?.value];
  const account = [...(image.accounts ?? []), ...ACCOUNTS].find(({ name, uid }) => user === name || user === uid);
  const gid = groupNumber(group) ?? account?.gid ?? '0';
  const ofImage = security?.supplemental_groups_policy === 'Strict' ? [] : (account?.groups ?? []);
  return {
    uid: account?.uid ?? (isNumber(user) ? user : '0'),
    gid,
    groups: [gid, ...(security?.supplemental_groups ?? []), ...ofImage],
  };
}
