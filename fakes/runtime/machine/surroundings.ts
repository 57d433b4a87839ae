// What processes see that is not theirs to change.

/** Whom they run as. */
export interface User {
  /** Digits, as all ids here. */
  readonly uid: string;
  readonly gid: string;
  /** The first one is `gid`. */
  readonly groups: readonly string[];
}

export interface Surroundings {
  /** `NAME=value`. */
  environment(): readonly string[];
  user(): User;
  /** What runs in the container, in the order of the pids. */
  processes(): readonly { readonly pid: number; readonly arguments: readonly string[] }[];
  /** The text of a file that the runtime or the kernel puts there; undefined where it puts none. */
  given(file: string): string | undefined;
  /** The names in a folder that is mounted; undefined where it is not. */
  names(directory: string): readonly string[] | undefined;
  isReadOnly(file: string): boolean;
}

/** A program that runs nowhere. */
export const NOWHERE: Surroundings = {
  environment: () => [],
  user: () => ({ uid: '0', gid: '0', groups: ['0'] }),
  processes: () => [],
  given: () => undefined,
  names: () => undefined,
  isReadOnly: () => false,
};
