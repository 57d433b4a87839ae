// Defines what processes can see but cannot change.

/** The user and the groups of a process. */
export interface User {
  /** The user id. All ids of users and groups are decimal numbers as text. */
  readonly uid: string;
  readonly gid: string;
  /** The group ids. The first one is `gid`. */
  readonly groups: readonly string[];
}

export interface Surroundings {
  /** The environment variables in the form `NAME=value`. */
  environment(): readonly string[];
  user(): User;
  /** Returns the running processes of the container, in the order of their PIDs. */
  processes(): readonly { readonly pid: number; readonly arguments: readonly string[] }[];
  /** Returns the text of a file that the runtime or the kernel provides; undefined if neither provides this file. */
  providedFile(file: string): string | undefined;
  /** Returns the names in a mounted directory, or undefined if no directory is mounted there. */
  names(directory: string): readonly string[] | undefined;
  isReadOnly(file: string): boolean;
}

/** The surroundings of a program that runs outside a container. */
export const NOWHERE: Surroundings = {
  environment: () => [],
  user: () => ({ uid: '0', gid: '0', groups: ['0'] }),
  processes: () => [],
  providedFile: () => undefined,
  names: () => undefined,
  isReadOnly: () => false,
};
