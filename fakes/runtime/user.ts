// Whom a container's processes run as: what its configuration says, and then what its image does.
import type { ContainerConfig } from '../../proto/types/runtime/v1/ContainerConfig';
import type { Account, Image } from './images';
import type { User } from './surroundings';

/** In every image that is simulated: those of busybox that pods run as. */
const ACCOUNTS: readonly Account[] = [
  { name: 'root', uid: '0', gid: '0' },
  { name: 'www-data', uid: '33', gid: '33' },
  { name: 'nobody', uid: '65534', gid: '65534' },
];
/** Groups by name, besides those that accounts are named by. */
const GROUPS: Readonly<Record<string, string>> = { users: '100' };

const isNumber = (text: string) => /^\d+$/.test(text);

/** The name behind a user id; undefined where the image has none. */
export const userName = (uid: string): string | undefined => ACCOUNTS.find((one) => one.uid === uid)?.name;

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
