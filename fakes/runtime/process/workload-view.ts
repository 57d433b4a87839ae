// Makes the view of a process: its command line, its memory and its open files.
import { filesOf } from './output';
import type { ProcessView } from './workload-parts';
import type { Shell } from './workload-shell';

/** The PIDs and the command line of a process. */
export type ProcessIdentity = Pick<ProcessView, 'pid' | 'parentPid' | 'arguments'>;

/** Returns the view of a process that runs a script. */
export function shellView(identity: ProcessIdentity, { variables, sinks, sockets, machine }: Shell): ProcessView {
  const held = sockets.all;
  return {
    ...identity,
    memoryBytes: variables.memoryBytes,
    // A real shell's memory contains its variables in this form.
    plantedStrings: [...variables.texts].map(([name, value]) => `${name}=${value}`),
    openFiles: filesOf(sinks, machine),
    ...(held.length > 0 && { unixSockets: held.map(([fd, socket]) => ({ fd, ...socket })) }),
  };
}

/** Returns the view of the child process that runs the script's `sleep`; an empty list if there is no such process. */
export function sleeperView(parentPid: number, { sleeper, sinks, machine }: Shell): ProcessView[] {
  if (!sleeper) return [];
  const { pid, amount } = sleeper;
  const openFiles = filesOf(sinks, machine);
  return [{ pid, parentPid, arguments: ['sleep', amount], memoryBytes: 0, plantedStrings: [], openFiles }];
}
