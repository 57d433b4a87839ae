// Runs the benchmark in its own process group and its own temporary directory. The directory is always removed, even
// when the benchmark is interrupted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Runs the measurements in a separate process. Returns the exit status of that process, or 2 if it was interrupted. */
async function main(names: readonly string[]): Promise<number> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ckptest-bench-'));
  try {
    const child = spawn(process.execPath, [path.join(__dirname, 'measure.js'), ...names], {
      detached: true,
      stdio: 'inherit',
      env: { ...process.env, TMPDIR: directory },
    });
    let isInterrupted = false;
    const end = () => {
      isInterrupted = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
    const [status] = await once(child, 'exit');
    if (!isInterrupted) return typeof status === 'number' ? status : 2;
    process.stderr.write('bench: it was interrupted; everything that it created was removed\n');
    return 2;
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
