// Makes the directory and the file name of a checkpoint archive as a kubelet does.
import path from 'node:path';
import { rfc3339 } from '../go/time';

/**
 * Returns the directory of all checkpoints of a kubelet.
 * @param rootDirectory the kubelet's root directory
 */
export function checkpointsDirectory(rootDirectory: string): string {
  return path.join(rootDirectory, 'checkpoints');
}

/** A function that formats a time, in milliseconds since the epoch, for the name of an archive. */
export type Stamp = (now: number) => string;

/**
 * Returns the file name of a checkpoint archive.
 * @param now time of the checkpoint, milliseconds since the epoch
 * @param stamp formats the time. Default: RFC 3339 in seconds, in the local time zone
 */
export function archiveName(
  pod: string,
  namespace: string,
  container: string,
  now: number,
  stamp: Stamp = rfc3339,
): string {
  return `checkpoint-${pod}_${namespace}-${container}-${stamp(now)}.tar`;
}
