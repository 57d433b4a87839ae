// Validates the location in a checkpoint request, and defines the text of each error.
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../base/error-text';
import { REFERENCE_WRITING, type WritingPolicy } from './writing-policy';

/** Why an archive cannot be written to a location. */
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

/** Thrown if an archive cannot be written to its location. The message has the form of errors in Go's `os` package. */
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
  // The file is a mount point.
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
 * Converts a system error to an error about the location. Returns any other error unchanged.
 * @param operation the first word of Go's message: `open`, `write`, `rename` ...
 */
export function asLocationError(error: unknown, operation: string, location: string): unknown {
  const code = errorCode(error);
  const known = code === undefined ? undefined : SYSTEM[code];
  if (!known) return error;
  return new LocationError(known[0], location, `${operation} ${shown(location)}: ${known[1]}`, { cause: error });
}

/** Maximum number of symbolic links that Linux follows in one path. */
const MAX_LINKS = 40;

/**
 * Follows symbolic links at the end of a path. The target does not have to exist.
 * @throws LocationError if the path contains too many links
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

/** Checks the path itself, without the file system. */
function checkForm(location: string, policy: WritingPolicy): void {
  if (location === '') throw refusal('empty', location, 'no such file or directory');
  if (location.includes('\0')) throw refusal('nul', location, 'invalid argument');
  if (policy.relativeLocation === 'refused' && !path.isAbsolute(location))
    throw refusal('relative', location, 'invalid argument: the location must be an absolute path');
  if (location.endsWith('/')) throw refusal('is-directory', location, 'is a directory');
}

/** Runs a file system operation and converts its errors to errors about the location. */
function fileSystem<T>(location: string, at: () => T): T {
  try {
    return at();
  } catch (error) {
    throw asLocationError(error, 'open', location);
  }
}

/**
 * Checks the path and, if a file exists there, this file. Does not check the directory, because the creation of a file
 * in it makes the same checks.
 * @throws LocationError if the location is not suitable
 */
export function checkExistingFile(location: string, policy: WritingPolicy = REFERENCE_WRITING): void {
  checkForm(location, policy);
  fileSystem(location, () => {
    // If existing files are refused, check the link itself and not its target: opening with O_EXCL also refuses any
    // link.
    const follows = policy.links === 'followed' && policy.existingFile !== 'refused';
    const found = (follows ? fs.statSync : fs.lstatSync)(location, { throwIfNoEntry: false });
    if (found) checkExisting(location, found, policy);
  });
}

/**
 * Checks whether an archive can be written to a location, so that a runtime can refuse the request before it pauses a
 * container. The reference persona accepts an absolute path in a writable directory. A file or a link may exist at the
 * path.
 * @throws LocationError if the location is not suitable
 */
export function checkLocation(location: string, policy: WritingPolicy = REFERENCE_WRITING): void {
  checkForm(location, policy);
  // Use synchronous calls: with the kernel's caches, they are faster than starting a thread of the pool.
  const directory = fileSystem(location, () =>
    path.dirname(policy.links === 'followed' ? followLinks(location) : location),
  );
  fileSystem(location, () => checkParent(location, fs.statSync(directory)));
  checkExistingFile(location, policy);
  fileSystem(location, () => fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK));
}
