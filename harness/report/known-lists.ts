// Lists of known failures that come with the program: one for each version of a runtime that is tested.
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../fakes/base/user-error';

const DIRECTORY = path.join(__dirname, 'known-failures');
const SUFFIX = '.yaml';

/** Such as `containerd-2.1`. */
export const knownListNames = (): readonly string[] =>
  fs
    .readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => path.basename(name, SUFFIX))
    .sort();

/** The file of the list of that name, or undefined where none has it. */
export const fileOfList = (name: string): string | undefined =>
  knownListNames().includes(name) ? path.join(DIRECTORY, `${name}${SUFFIX}`) : undefined;

/**
 * Checks that a list belongs to the runtime, which is a version of a real one or the persona of that name.
 *
 * @param described the runtime as the target describes it
 * @throws UserError if the list is for another runtime
 */
export function requireRuntimeOf(name: string, described: string): void {
  if (described.split(', ').some((part) => part === `with persona ${name}` || part === `persona ${name}`)) return;
  const [itsName, itsVersion = ''] = described.split(' ');
  const minor = /^v?(\d+\.\d+)/.exec(itsVersion)?.[1];
  if (`${itsName}-${minor}` !== name)
    throw new UserError(
      `--known-failures ${name}: the runtime is ${described}, and this list is for another one; omit the flag, or name a file that lists its failures`,
    );
}
