// What processes can see but not change.

/** The user and the groups of a process. */
export interface User {
  /** Digits, like all ids of users and groups here. */
  readonly uid: string;
  readonly gid: string;
  /** The first one is `gid`. */
  readonly groups: readonly string[];
}

export interface Surroundings {
  /** `NAME=value`. */
  environment(): readonly string[];
  user(): User;
  /** The running processes of the container, in the order of their PIDs. */
  processes(): readonly { readonly pid: number; readonly arguments: readonly string[] }[];
  /** Returns the text of a file that the runtime or the kernel provides, or undefined if they do not provide it. */
  providedFile(file: string): string | undefined;
  /** Returns the names in a mounted directory, or undefined if it is not mounted. */
  names(directory: string): readonly string[] | undefined;
  isReadOnly(file: string): boolean;
}

/** The surroundings of a program that runs outside of a container. */
export const NOWHERE: Surroundings = {
  environment: () => [],
  user: () => ({ uid: '0', gid: '0', groups: ['0'] }),
  processes: () => [],
  providedFile: () => undefined,
  names: () => undefined,
  isReadOnly: () => false,
};
