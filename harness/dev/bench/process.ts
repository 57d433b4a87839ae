// Starts the processes of a benchmark and exchanges messages with them.
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

/** Starts a compiled file of this directory as a process. */
export function start(file: string, ...args: string[]): ChildProcess {
  return fork(path.join(__dirname, `${file}.js`), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** Returns the next message of a process; rejects if the process exits earlier. */
export function message(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('a process of the benchmark ended before it had answered'));
    child.once('exit', onExit);
    child.once('message', (value) => {
      child.off('exit', onExit);
      resolve(typeof value === 'object' && value !== null ? { ...value } : {});
    });
  });
}

/** Disconnects a process and waits until it has exited. */
export function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.disconnect();
  });
}
