// Which changes of a container are changes of its root file system, and not of one that lies over it.
import type { ChangedFile, ContainerSnapshot } from './snapshot';

/** Below these nothing of the root file system shows. */
const OTHER_FILE_SYSTEMS = ['/dev', '/proc', '/sys'];

/** Whether an absolute path of the container lies in its root file system. */
export function isOfTheRoot(path: string): boolean {
  return !OTHER_FILE_SYSTEMS.some((other) => path === other || path.startsWith(`${other}/`));
}

export function rootChanges({ changedFiles }: ContainerSnapshot): ChangedFile[] {
  return changedFiles.filter(({ path }) => isOfTheRoot(path));
}
