// The location asked for an archive: which ones are refused, and the text of each error.
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../base/error-text';
import { REFERENCE_WRITING, type WritingPolicy } from './writing-policy';

/** Why an archive cannot be at a location. */
export type LocationErrorKind =
  | 'empty'
  | 'relative'
  | 'nul'
  | 'too-long'
  | 'missing-parent'
  | 'parent-not-a-directory'
  | 'is-directory'
  | 'not-a-regular-file'
  | 'exists'
  | 'link-loop'
  | 'busy'
  | 'permission'
  | 'read-only'
  | 'no-space'
  | 'other';

/** An archive cannot be written where it was asked for; the message reads as an error of Go's `os` package. */
export class LocationError extends Error {
  override readonly name = 'LocationError';

  constructor(
    readonly kind: LocationErrorKind,
    readonly location: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** System errors by code: their kind, and their text in Go. */
const SYSTEM: Readonly<Record<string, readonly [kind: LocationErrorKind, text: string]>> = {
  ENOENT: ['missing-parent', 'no such file or directory'],
  ENOTDIR: ['parent-not-a-directory', 'not a directory'],
  EISDIR: ['is-directory', 'is a directory'],
  ENAMETOOLONG: ['too-long', 'file name too long'],
  ELOOP: ['link-loop', 'too many levels of symbolic links'],
  EEXIST: ['exists', 'file exists'],
  // Something is mounted on it.
  EBUSY: ['busy', 'device or resource busy'],
  EACCES: ['permission', 'permission denied'],
  EPERM: ['permission', 'operation not permitted'],
  EROFS: ['read-only', 'read-only file system'],
  ENOSPC: ['no-space', 'no space left on device'],
  EDQUOT: ['no-space', 'disk quota exceeded'],
  EFBIG: ['no-space', 'file too large'],
  EIO: ['other', 'input/output error'],
};

const shown = (location: string) => location.replaceAll('\0', '\\x00');

function refusal(kind: LocationErrorKind, location: string, text: string): LocationError {
  return new LocationError(kind, location, `open ${shown(location)}: ${text}`);
}

/**
 * A system error as an error about the location; anything else comes back as it is.
 *
 * @param operation the word in front, as Go has it: `open`, `write`, `rename` ...
 */
export function asLocationError(error: unknown, operation: string, location: string): unknown {
  const code = errorCode(error);
  const known = code === undefined ? undefined : SYSTEM[code];
  if (!known) return error;
  return new LocationError(known[0], location, `${operation} ${shown(location)}: ${known[1]}`, { cause: error });
}

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/**
 * Follows the links at the end of a path, also to a target that does not exist yet.
 *
 * @throws LocationError after too many links
 */
export function followLinks(location: string): string {
  let target = location;
  for (let links = 0; links < MAX_LINKS; links++) {
    if (!fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target;
    target = path.resolve(path.dirname(target), fs.readlinkSync(target));
  }
  throw asLocationError({ code: 'ELOOP' }, 'open', location);
}

function checkParent(location: string, parent: fs.Stats): void {
  if (!parent.isDirectory()) throw refusal('parent-not-a-directory', location, 'not a directory');
}

function checkExisting(location: string, found: fs.Stats, policy: WritingPolicy): void {
  if (policy.existingFile === 'refused') throw refusal('exists', location, 'file exists');
  if (found.isDirectory()) throw refusal('is-directory', location, 'is a directory');
  if (!found.isFile() && !found.isSymbolicLink()) throw refusal('not-a-regular-file', location, 'not a regular file');
}

/** Checks what can be seen from the location itself. */
function checkForm(location: string, policy: WritingPolicy): void {
  if (location === '') throw refusal('empty', location, 'no such file or directory');
  if (location.includes('\0')) throw refusal('nul', location, 'invalid argument');
  if (policy.relativeLocation === 'refused' && !path.isAbsolute(location))
    throw refusal('relative', location, 'invalid argument: the location must be an absolute path');
  if (location.endsWith('/')) throw refusal('is-directory', location, 'is a directory');
}

/** Looks at the file system; its errors become errors about the location. */
function look<T>(location: string, at: () => T): T {
  try {
    return at();
  } catch (error) {
    throw asLocationError(error, 'open', location);
  }
}

/**
 * Checks the location itself and what is there already. This is the part of checkLocation that the attempt to create a
 * file in the same directory does not check.
 *
 * @throws LocationError
 */
export function checkPlace(location: string, policy: WritingPolicy = REFERENCE_WRITING): void {
  checkForm(location, policy);
  look(location, () => {
    // Nothing is followed to a file that must not exist, as with O_EXCL.
    const follows = policy.links === 'followed' && policy.existingFile !== 'refused';
    const found = (follows ? fs.statSync : fs.lstatSync)(location, { throwIfNoEntry: false });
    if (found) checkExisting(location, found, policy);
  });
}

/**
 * Checks whether an archive can be written to a location, so that a runtime can refuse before it pauses anything. The
 * reference takes an absolute path in a writable directory, where there is nothing yet, or a file or a link.
 *
 * @throws LocationError
 */
export function checkLocation(location: string, policy: WritingPolicy = REFERENCE_WRITING): void {
  checkForm(location, policy);
  // Synchronous: the kernel answers these from its caches, faster than a thread of the pool is reached.
  const directory = look(location, () => path.dirname(policy.links === 'followed' ? followLinks(location) : location));
  look(location, () => checkParent(location, fs.statSync(directory)));
  checkPlace(location, policy);
  look(location, () => fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK));
}
