// The place asked for an archive: what is refused, and how the refusal reads.
import fs from 'node:fs';
import path from 'node:path';
import { systemCode } from '../../base/errno';

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
  const code = systemCode(error);
  const known = code === undefined ? undefined : SYSTEM[code];
  if (!known) return error;
  return new LocationError(known[0], location, `${operation} ${shown(location)}: ${known[1]}`, { cause: error });
}

/** An error about a location as one about another name of it; anything else comes back as it is. */
export function namedAs(location: string, error: unknown): unknown {
  if (!(error instanceof LocationError)) return error;
  const message = error.message.replace(shown(error.location), () => shown(location));
  return new LocationError(error.kind, location, message, { cause: error });
}

function checkParent(location: string, parent: fs.Stats): void {
  if (!parent.isDirectory()) throw refusal('parent-not-a-directory', location, 'not a directory');
}

function checkTarget(location: string, target: fs.Stats): void {
  if (target.isDirectory()) throw refusal('is-directory', location, 'is a directory');
  // A link is replaced, wherever it leads.
  if (!target.isFile() && !target.isSymbolicLink()) throw refusal('not-a-regular-file', location, 'not a regular file');
}

/** What can be told from the location itself. */
function checkForm(location: string): void {
  if (location === '') throw refusal('empty', location, 'no such file or directory');
  if (location.includes('\0')) throw refusal('nul', location, 'invalid argument');
  if (!path.isAbsolute(location))
    throw refusal('relative', location, 'invalid argument: the location must be an absolute path');
  if (location.endsWith('/')) throw refusal('is-directory', location, 'is a directory');
}

/** Looks at the file system; what it says is said of the location. */
function look(location: string, at: () => void): void {
  try {
    at();
  } catch (error) {
    throw asLocationError(error, 'open', location);
  }
}

/**
 * The part of checkLocation that a new file in the same folder does not tell: what is in the place of the archive.
 *
 * @throws LocationError
 */
export function checkPlace(location: string): void {
  checkForm(location);
  look(location, () => {
    const target = fs.lstatSync(location, { throwIfNoEntry: false });
    if (target) checkTarget(location, target);
  });
}

/**
 * Whether an archive may be put at a location, to be asked before anything is frozen: an absolute path in a folder that
 * is there and writable, with nothing, a file or a link in its place.
 *
 * @throws LocationError
 */
export function checkLocation(location: string): void {
  checkForm(location);
  const directory = path.dirname(location);
  // At once: three looks at what the kernel has at hand are cheaper than the ways to another thread and back.
  look(location, () => checkParent(location, fs.statSync(directory)));
  checkPlace(location);
  look(location, () => fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK));
}
