// Whom a container's processes run as: what its configuration says, and then what its image does.
import type { ContainerConfig } from '../../proto/types/runtime/v1/ContainerConfig';
import type { Image } from './images';
import type { User } from './surroundings';

/** Users by name, of the images that are simulated: those of busybox that pods run as. */
const UIDS: Readonly<Record<string, string>> = { root: '0', 'www-data': '33', nobody: '65534' };
const NAMES = Object.fromEntries(Object.entries(UIDS).map(([name, uid]) => [uid, name]));

/** The name behind a user id; undefined where the image has none. */
export const userName = (uid: string): string | undefined => NAMES[uid];

export function userOf({ config, image }: { config: ContainerConfig; image: Image }): User {
  const security = config.linux?.security_context;
  const [imageUser = '', imageGroup = ''] = image.user.split(':');
  const named = security?.run_as_username || imageUser;
  const uid = security?.run_as_user?.value ?? UIDS[named] ?? (/^\d+$/.test(named) ? named : '0');
  const gid = security?.run_as_group?.value ?? (UIDS[imageGroup] || (/^\d+$/.test(imageGroup) ? imageGroup : '0'));
  return { uid, gid, groups: [gid, ...(security?.supplemental_groups ?? [])] };
}
