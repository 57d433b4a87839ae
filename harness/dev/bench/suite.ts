// Measures `ckptest run` on the built-in fakes: the time to its first result, and the time to its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { BenchRow } from './row';

const CLI = path.join(__dirname, '../../cli.js');
/** Number of runs. The fastest run counts, because other activity on the machine only makes a run slower. */
const RUNS = 3;
const FIRST_RESULT = /^(?:pass|known|FAIL|ERROR) /m;

/**
 * Runs the command once. Returns the milliseconds from its start to its first result (`first`) and to its end (`all`).
 * Rejects if a rule fails.
 */
async function oneRun(): Promise<{ readonly first: number; readonly all: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, 'run'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let first = Number.NaN;
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += chunk;
    if (Number.isNaN(first) && FIRST_RESULT.test(output)) first = performance.now() - start;
  }
  const [status] = await ended;
  if (status !== 0) throw new Error(`the suite ended with ${status}:\n${output}`);
  return { first, all: performance.now() - start };
}

export async function benchSuite(): Promise<BenchRow[]> {
  const runs: Awaited<ReturnType<typeof oneRun>>[] = [];
  for (let n = 0; n < RUNS; n++) runs.push(await oneRun());
  const best = (key: 'first' | 'all') => Math.min(...runs.map((run) => run[key]));
  return [
    {
      what: `start of the command to its first result, best of ${RUNS}`,
      measured: best('first'),
      unit: 'ms',
      goal: 600,
    },
    { what: `the whole suite on the fakes, best of ${RUNS}`, measured: best('all') / 1000, unit: 's', goal: 10 },
  ];
}
