// Identifies the process that created a file, by PID and start time, because PIDs are reused.
import fs from 'node:fs';
import { errorCode } from './error-text';

/**
 * Index of `starttime` (field 22 of /proc/PID/stat) in the fields after the process name, which begin with `state`
 * (field 3). The name itself may contain spaces.
 */
const START = 22 - 3;
const ZOMBIE = 'Z';

function statOf(pid: number) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { isZombie: fields[0] === ZOMBIE, start: fields[START] };
  } catch {
    return undefined;
  }
}

let own: string | undefined;

/** Returns `<pid>-<start>` of this process. The start time is 0 if the system does not report it. */
export function ownIdentity(): string {
  own ??= `${process.pid}-${statOf(process.pid)?.start ?? '0'}`;
  return own;
}

/** Returns whether the process with an identity is still running. A zombie counts as ended. */
export function isAlive(identity: string): boolean {
  const [pid, start] = identity.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    if (errorCode(error) === 'ESRCH') return false;
  }
  const now = statOf(Number(pid));
  return now === undefined || (!now.isZombie && (start === '0' || now.start === start));
}
