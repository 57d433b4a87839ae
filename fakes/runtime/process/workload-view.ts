// A process as others see it: what it runs, what it holds, what is open.
import { filesOf } from './output';
import type { ProcessView } from './workload-parts';
import type { Shell } from './workload-shell';

/** Which process it is. */
export type ProcessIdentity = Pick<ProcessView, 'pid' | 'parentPid' | 'arguments'>;

/** The process of a script. */
export function shellView(identity: ProcessIdentity, { variables, sinks, sockets, machine }: Shell): ProcessView {
  const held = sockets.all;
  return {
    ...identity,
    memoryBytes: variables.memoryBytes,
    // As shells keep their variables.
    plantedStrings: [...variables.texts].map(([name, value]) => `${name}=${value}`),
    openFiles: filesOf(sinks, machine),
    ...(held.length > 0 && { unixSockets: held.map(([fd, socket]) => ({ fd, ...socket })) }),
  };
}

/** The process that sleeps on behalf of a script, if one does. */
export function sleeperView(parentPid: number, { sleeper, sinks, machine }: Shell): ProcessView[] {
  if (!sleeper) return [];
  const { pid, amount } = sleeper;
  const openFiles = filesOf(sinks, machine);
  return [{ pid, parentPid, arguments: ['sleep', amount], memoryBytes: 0, plantedStrings: [], openFiles }];
}
