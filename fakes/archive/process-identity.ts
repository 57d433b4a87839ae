// Which process made a file: its id, and when it started, since ids are given out again.
import fs from 'node:fs';
import { systemCode } from './location';

/** `starttime` is field 22 of /proc/PID/stat; the fields are counted behind the name, which may hold anything. */
const FIELDS_BEFORE_START = 19;

function startOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[FIELDS_BEFORE_START];
  } catch {
    return undefined;
  }
}

let own: string | undefined;

/** `<pid>-<start>` of this process; the start is 0 where the system does not tell it. */
export function ownIdentity(): string {
  own ??= `${process.pid}-${startOf(process.pid) ?? '0'}`;
  return own;
}

/** Whether the process of an identity is still there. */
export function isAlive(identity: string): boolean {
  const [pid, start] = identity.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if (systemCode(error) === 'ESRCH') return false;
  }
  const now = startOf(Number(pid));
  return now === undefined || start === '0' || now === start;
}
