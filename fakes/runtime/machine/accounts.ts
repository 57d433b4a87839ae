// Accounts of an image's `/etc/passwd`, and those that every simulated image has.

/** A user of an image, as its `/etc/passwd` and `/etc/group` have it; ids are digits. */
export interface Account {
  readonly name: string;
  readonly uid: string;
  readonly gid: string;
  /** Groups that it is a member of besides its own. */
  readonly groups?: readonly string[];
}

/** In every image that is simulated: those of busybox that pods run as. */
export const ACCOUNTS: readonly Account[] = [
  { name: 'root', uid: '0', gid: '0' },
  { name: 'www-data', uid: '33', gid: '33' },
  { name: 'nobody', uid: '65534', gid: '65534' },
];
/** The name behind a user id; undefined where the image has none. */
export const userName = (uid: string): string | undefined => ACCOUNTS.find((one) => one.uid === uid)?.name;
