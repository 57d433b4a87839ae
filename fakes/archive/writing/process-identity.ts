// Which process made a file: its id, and when it started, since ids are given out again.
import fs from 'node:fs';
import { errorCode } from '../../base/error-text';

/** `state` is field 3 of /proc/PID/stat, `starttime` 22; they are counted behind the name, which may hold anything. */
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

/** `<pid>-<start>` of this process; the start is 0 where the system does not tell it. */
export function ownIdentity(): string {
  own ??= `${process.pid}-${statOf(process.pid)?.start ?? '0'}`;
  return own;
}

/** Whether the process of an identity still runs: one that was killed may stay listed until its parent asks for it. */
export function isAlive(identity: string): boolean {
  const [pid, start] = identity.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if (errorCode(error) === 'ESRCH') return false;
  }
  const now = statOf(Number(pid));
  return now === undefined || (!now.isZombie && (start === '0' || now.start === start));
}
