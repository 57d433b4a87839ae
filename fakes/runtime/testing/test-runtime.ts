// Provides each test of the runtime with a new fake runtime, a manual clock, a client and a directory.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import type { ArchiveJob } from '../../archive/job';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { ManualClock } from '../../base/clock';
import { type FakeRuntimeOptions, type RuntimeServer, startRuntimeServer } from '../server';
import { snapshotWriter, type TestClient, testClient, until } from './test-client';

/** Initial time of each test's clock, in milliseconds since the epoch. */
export const START = Date.UTC(2026, 10, 23, 12);

/** The objects that a test uses. They are created again before each test. */
export interface Bench {
  clock: ManualClock;
  runtime: RuntimeServer;
  client: TestClient;
  directory: string;
}

/** Makes a function that returns ids with common prefixes, so that a prefix can be ambiguous. */
function idsThatStartAlike() {
  let count = 0;
  return { next: () => `${count++ < 2 ? 'aa' : 'bb'}${String(count).padStart(62, '0')}` };
}

/** Registers the hooks that start and stop the runtime. Call it at the top of a test file. */
export function benchForEachTest(options: () => FakeRuntimeOptions = () => ({ ids: idsThatStartAlike() })): Bench {
  const bench = {} as Bench;
  beforeEach(async () => {
    bench.directory = mkdtempSync(path.join(tmpdir(), 'ckptest-test-'));
    bench.clock = new ManualClock(START);
    const { settings, ...more } = options();
    bench.runtime = await startRuntimeServer({
      clock: bench.clock,
      settings: { hostname: 'node1', ...settings },
      ...more,
    });
    bench.client = testClient(bench.runtime.endpoint);
  });
  afterEach(async () => {
    bench.client[Symbol.dispose]();
    await bench.runtime.close();
    rmSync(bench.directory, { recursive: true, force: true });
  });
  return bench;
}

/**
 * Helps with tests of CheckpointContainer. A checkpoint pauses the container for 100 ms per MiB and writes the snapshot
 * as JSON.
 */
export class CheckpointBench {
  readonly bench: Bench;
  /** The archive jobs that have started. */
  jobs: ArchiveJob[] = [];
  /** Delays an archive: it is written when the returned promise has resolved. Default: the promise resolves at once. */
  gate: (job: ArchiveJob) => Promise<void> = async () => {};
  /** Whether archives are written to disk. If not, a checkpoint waits only for turns of the event loop. */
  writes = true;

  constructor() {
    this.bench = benchForEachTest(() => {
      this.jobs = [];
      this.gate = async () => {};
      this.writes = true;
      const watched = async (job: ArchiveJob, next: (job: ArchiveJob) => Promise<void>) => {
        this.jobs.push(job);
        await this.gate(job);
        if (this.writes) await next(job);
      };
      return {
        settings: { checkpointMillisecondsPerMiB: 100 },
        archiveWriter: snapshotWriter,
        archive: [watched],
      };
    });
  }

  readonly at = (name: string) => path.join(this.bench.directory, name);
  readonly read = (name: string): ContainerSnapshot => JSON.parse(readFileSync(this.at(name), 'utf8'));
  readonly view = (id: string) => this.bench.runtime.control.state().containers.find((one) => one.id === id);

  /** Starts a checkpoint and advances the clock past the pause. */
  async checkpoint(container_id: string, name: string, extra: { timeout?: number } = {}): Promise<string> {
    const { runtime, client, clock } = this.bench;
    const before = runtime.calls.length;
    const answer = client.failure('CheckpointContainer', { container_id, location: this.at(name), ...extra });
    // A refused call ends at once without setting a timer.
    await until(() => runtime.calls.length > before && this.view(container_id)?.frozen !== false && clock.pending > 0);
    clock.advance(100);
    return answer;
  }
}
