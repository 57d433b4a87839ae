// Where a checkpoint goes: folder and file name, as the kubelet makes them.
import path from 'node:path';
import { rfc3339 } from './go-time';

/** Folder of all checkpoints of a kubelet. */
export function checkpointsDirectory(rootDirectory: string): string {
  return path.join(rootDirectory, 'checkpoints');
}

/** Name of the archive of a checkpoint made at `now` (milliseconds since the epoch), to the second, in the local time zone. */
export function archiveName(pod: string, namespace: string, container: string, now: number): string {
  return `checkpoint-${pod}_${namespace}-${container}-${rfc3339(now)}.tar`;
}
