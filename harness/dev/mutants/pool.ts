// Worker processes, one a core, each of which measures several rows of the matrix at a time.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import type { Measured, Task } from './worker';

/** Most of a row is waiting; more than this at once and rules about time would meet a machine that has none. */
const ROWS_AT_ONCE = 3;
/** Every core has a worker: threads that collect garbage beside it would only take from another one. */
const WORKER_FLAGS = ['--single-threaded-gc'];

/** Measures all tasks; `onMeasured` sees each as it comes. Rejects where a worker dies. */
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

/** Keeps one worker busy until nothing is left. */
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
    worker.once('exit', (code) => reject(new Error(`a worker of the matrix ended with ${code} before its work did`)));
    signal.addEventListener('abort', () => resolve(), { once: true });
    next();
  });
}

/** A worker that is disconnected gives its specs up, removes what they made, and ends. */
async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, 'exit');
  if (worker.connected) worker.disconnect();
  await exited;
}
