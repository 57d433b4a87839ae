// Where a checkpoint goes: folder and file name, as the kubelet makes them.
import path from 'node:path';
import { rfc3339 } from '../go/time';

/** Folder of all checkpoints of a kubelet. */
export function checkpointsDirectory(rootDirectory: string): string {
  return path.join(rootDirectory, 'checkpoints');
}

/** How a time (milliseconds since the epoch) is written into the name of an archive. */
export type Stamp = (now: number) => string;

/** Name of the archive of a checkpoint made at `now`; by default to the second, in the local time zone. */
export function archiveName(
  pod: string,
  namespace: string,
  container: string,
  now: number,
  stamp: Stamp = rfc3339,
): string {
  return `checkpoint-${pod}_${namespace}-${container}-${stamp(now)}.tar`;
}
