// Makes error messages that containerd and CRI-O share, because both unpack archives with the library of checkpointctl.
// The messages contain the name of a temporary directory.
import { randomInt } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ArchiveError } from '../../archive/archive-error';
import { StatusError } from '../../runtime/grpc/errors';

/** Returns a name in the form of Go's os.MkdirTemp. */
const temporaryDirectory = () => `/tmp/checkpoint${randomInt(2 ** 32)}`;

export const unknown = (message: string) => new StatusError(status.UNKNOWN, message);

/**
 * Returns the error for an archive that cannot be unpacked. The messages were measured on containerd 2.1.9, except
 * `missing` and `unreadable`. For CRI-O they were found in its source.
 */
export function unpackingRefusal({ kind, reason, member }: ArchiveError, from: string): StatusError {
  const directory = temporaryDirectory();
  switch (kind) {
    case 'missing':
    case 'unreadable':
      return unknown(`failed to open checkpoint archive ${from} for import: ${reason}`);
    case 'no-member':
      return unknown(`failed to read "${member}": open ${directory}/${member}: ${reason}`);
    case 'broken-json':
      return unknown(`failed to read "${member}": failed to unmarshal ${directory}/${member}: ${reason}`);
    case 'broken-member':
      return unknown(`failed to read "${member}": ${reason}`);
    default:
      return unknown(`unpacking of checkpoint archive ${directory} failed: ${reason}`);
  }
}
