// Finds the built-in lists of known failures. Each tested version of a runtime has a list. Failures that need an
// optional capability are in a separate list, such as containerd-2.3+restore.
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../fakes/base/user-error';
import type { TargetDescription } from './results';

const DIRECTORY = path.join(__dirname, 'known-failures');
const EXTENSION = '.yaml';

/** Returns the names of all lists, such as `containerd-2.1`. */
export const knownListNames = (): readonly string[] =>
  fs
    .readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => path.basename(name, EXTENSION))
    .sort();

/** Returns the file of the list with this name; undefined if there is no such list. */
export const fileOfList = (name: string): string | undefined =>
  knownListNames().includes(name) ? path.join(DIRECTORY, `${name}${EXTENSION}`) : undefined;

/** Splits a name such as `cri-o-1.37+restore` into the version of a runtime and the capability in its suffix. */
function partsOf(name: string): { version: string; need: string | undefined } {
  const [version = '', need] = name.split('+');
  return { version, need };
}

/** Returns the lists that apply for a name. A list with a suffix is used together with the list without the suffix. */
export const listsOf = (name: string): readonly string[] => [...new Set([partsOf(name).version, name])];

/** Returns whether the target is this version of a runtime, or its persona. */
function isVersion(version: string, described: string): boolean {
  const isPersona = described.split(', ').some((part) => /^(?:with )?persona ([^+]*)/.exec(part)?.[1] === version);
  const [itsName, itsVersion = ''] = described.split(' ');
  return isPersona || `${itsName}-${/^v?(\d+\.\d+)/.exec(itsVersion)?.[1]}` === version;
}

/**
 * Chooses the lists for a target: the list for the version of its runtime and the lists for its capabilities.
 *
 * @param name as the user gave it, with or without a suffix
 * @returns names of lists
 * @throws UserError if the list is for another runtime, or for a capability that the runtime does not have
 */
export function chosenLists(name: string, { runtime, lacks }: TargetDescription): readonly string[] {
  const { version, need } = partsOf(name);
  if (!isVersion(version, runtime))
    throw new UserError(
      `--known-failures ${name}: the runtime is ${runtime}, and this list is for another one; omit the flag, or name a file that lists its failures`,
    );
  if (need !== undefined && need in lacks)
    throw new UserError(
      `--known-failures ${name}: this runtime lacks ${need} (${lacks[need]}); use --known-failures ${version}`,
    );
  const isOffered = (list: string) => {
    const { version: its, need: offered } = partsOf(list);
    return its === version && (offered === undefined || !(offered in lacks));
  };
  return knownListNames().filter(isOffered);
}
