// Detects that the npm or npx that started this program has ended. When a signal ends npm, npm does not send this
// signal to the program.
import { readFileSync } from 'node:fs';

/** How often the parents are checked, milliseconds. */
const INTERVAL_MS = 500;

/** npm starts programs in a shell, which can outlive npm. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'busybox', 'zsh']);

interface Parent {
  readonly pid: number;
  readonly name: string;
  readonly parentPid: number;
}

/** Reads a process from Linux's /proc. Returns undefined if the process has ended, or on systems without /proc. */
function read(pid: number): Parent | undefined {
  try {
    // The name in parentheses can contain spaces and parentheses.
    const [, name = '', state, parentPid] =
      /^\d+ \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state === 'Z' ? undefined : { pid, name, parentPid: Number(parentPid) };
  } catch {
    return undefined;
  }
}

/** Returns the PIDs of the ancestors of this process, from its parent up to the first ancestor that is not a shell. */
function parents(): string {
  const pids = [process.ppid];
  for (let parent = read(process.ppid); parent && SHELLS.has(parent.name); parent = read(parent.parentPid)) {
    pids.push(parent.parentPid);
  }
  return pids.join();
}

/**
 * Returns whether `serve` ends when its parent has ended.
 * @param environment npm sets `npm_execpath`
 */
export const followsParent = (detach: boolean | undefined, environment: NodeJS.ProcessEnv): boolean =>
  detach !== true && environment['npm_execpath'] !== undefined;

/**
 * Calls `onEnd` once when a parent has ended. The watch does not keep the process alive.
 * @returns a function that ends the watch
 */
export function watchParent(onEnd: () => void): () => void {
  const before = parents();
  const timer = setInterval(() => {
    if (parents() === before) return;
    clearInterval(timer);
    onEnd();
  }, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
