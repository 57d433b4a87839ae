// Measures rows of the matrix in worker processes, one for each core. Each worker measures several rows at once.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import type { Measured, Task } from './worker';

/**
 * Number of rows that a worker measures at once. Rows mostly wait, but with more rows the machine would be too busy for
 * the rules about time.
 */
const ROWS_AT_ONCE = 3;
/**
 * Flags of workers. Every core already runs a worker, so threads for garbage collection would only slow down other
 * workers.
 */
const WORKER_FLAGS = ['--single-threaded-gc'];

/**
 * Measures all tasks.
 *
 * @param onMeasured called with each result
 * @param signal when it is aborted, the remaining tasks are dropped
 * @throws Error if a worker exits early
 */
export async function measureAll(
  tasks: readonly Task[],
  onMeasured: (measured: Measured) => void,
  signal: AbortSignal,
): Promise<void> {
  const left = [...tasks];
  const workers = Array.from({ length: Math.min(os.availableParallelism(), tasks.length) }, () =>
    fork(path.join(__dirname, 'worker.js'), {
      execArgv: WORKER_FLAGS,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  try {
    await Promise.all(workers.map((worker) => feed(worker, left, onMeasured, signal)));
  } finally {
    await Promise.all(workers.map(end));
  }
}

/** Sends tasks to one worker until no task is left. */
function feed(
  worker: ChildProcess,
  left: Task[],
  onMeasured: (measured: Measured) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let running = 0;
    const next = () => {
      while (running < ROWS_AT_ONCE && left.length > 0 && !signal.aborted) {
        const task = left.shift();
        if (!task) break;
        running += 1;
        worker.send(task);
      }
      if (running === 0) resolve();
    };
    worker.on('message', (measured: Measured) => {
      running -= 1;
      onMeasured(measured);
      next();
    });
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`a worker process exited with ${code} before it had measured its rows`)),
    );
    signal.addEventListener('abort', () => resolve(), { once: true });
    next();
  });
}

/** Disconnects a worker. The worker then cancels its specs, removes what they created, and exits. */
async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, 'exit');
  if (worker.connected) worker.disconnect();
  await exited;
}
