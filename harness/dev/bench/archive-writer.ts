// A process for the benchmark that writes one large archive, and reports the time, the memory and how long the event
// loop was blocked.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { containerdEntries } from '../../../fakes/archive/containerd/containerd-layout';
import { counterSnapshot, SHELL } from '../../../fakes/archive/testing/counter-snapshot';
import { writeArchive } from '../../../fakes/archive/writing/writer';

/** Resolution of the timer that measures how long the event loop is blocked, milliseconds. */
const RESOLUTION_MS = 5;
const SAMPLE_MS = 50;

async function main(location: string, memoryBytes: number) {
  const snapshot = counterSnapshot({ processes: [{ ...SHELL, memoryBytes }] });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let residentBytes = 0;
  const sample = setInterval(() => {
    residentBytes = Math.max(residentBytes, process.memoryUsage.rss());
  }, SAMPLE_MS);
  delay.enable();
  const begin = performance.now();
  const { signal } = new AbortController();
  await writeArchive({ snapshot, entries: containerdEntries(snapshot), location, signal });
  const ms = performance.now() - begin;
  delay.disable();
  clearInterval(sample);
  process.once('disconnect', () => process.exit());
  process.send?.({ ms, residentBytes, blockedMs: delay.max / 1e6 - RESOLUTION_MS });
}

void main(process.argv[2] ?? '', Number(process.argv[3]));
