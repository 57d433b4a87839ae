// What containerd and CRI-O say alike of an archive that they unpack before they make a container of it: both read it
// with the library of checkpointctl, in a temporary folder whose name gets into the message.
import { randomInt } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ArchiveError } from '../../archive/archive-error';
import { StatusError } from '../../runtime/grpc/errors';

/** As Go's os.MkdirTemp makes one. */
const temporaryDirectory = () => `/tmp/checkpoint${randomInt(2 ** 32)}`;

export const unknown = (message: string) => new StatusError(status.UNKNOWN, message);

/** Measured on containerd 2.1.9 but for `missing` and `unreadable`; read of CRI-O. */
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
