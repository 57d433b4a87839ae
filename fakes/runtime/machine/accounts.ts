// Defines the accounts in an image's `/etc/passwd`, and the accounts that every simulated image has.

/** A user in the image's `/etc/passwd` and `/etc/group`. The ids are decimal numbers as text. */
export interface Account {
  readonly name: string;
  readonly uid: string;
  readonly gid: string;
  /** Groups of the user in addition to the primary group. */
  readonly groups?: readonly string[];
}

/** The accounts of every simulated image: the accounts of busybox that pods use. */
export const ACCOUNTS: readonly Account[] = [
  { name: 'root', uid: '0', gid: '0' },
  { name: 'www-data', uid: '33', gid: '33' },
  { name: 'nobody', uid: '65534', gid: '65534' },
];
/** Returns the user name for a user id, or undefined if the image has no such account. */
export const userName = (uid: string): string | undefined => ACCOUNTS.find((one) => one.uid === uid)?.name;
