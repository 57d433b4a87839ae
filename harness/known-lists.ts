// Lists of known failures that come with the program: one for each version of a runtime that is tested.
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../fakes/user-error';
import type { KnownFailure } from './known-failure';
import { type Expectation, minorOf } from './runtimes/expectation';

const FOLDER = path.join(__dirname, 'runtimes', 'expectations');

/** Such as `containerd-2.1`. */
export const listNames = (): readonly string[] =>
  fs
    .readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.basename(name, '.json'))
    .sort();

/** What a version of a runtime is known to break. It expires with that version, so it holds for no other. */
export interface VersionList {
  readonly entries: readonly KnownFailure[];
  /** Throws a UserError where the target's runtime, as it describes itself, is another one. */
  requireRuntime(described: string): void;
}

/** The list of that name, or undefined where none has it. */
export function versionList(name: string): VersionList | undefined {
  if (!listNames().includes(name)) return undefined;
  const { runtime, minor, failing }: Expectation = JSON.parse(
    fs.readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'),
  );
  return {
    entries: failing.map(({ id, reason, link }) => ({ id, reason, link, expires: `${runtime} ${minor}` })),
    requireRuntime(described) {
      const [itsName, itsVersion = ''] = described.split(' ');
      if (itsName !== runtime || minorOf(itsVersion) !== minor)
        throw new UserError(
          `--known-failures ${name}: this list is of ${runtime} ${minor}, and the runtime is ${described}; leave it out, or list its failures in a file`,
        );
    },
  };
}
