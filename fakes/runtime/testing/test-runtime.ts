// For the tests of the runtime: before each test a fake runtime on a clock that the test moves, a client and a folder.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import type { ArchiveJob } from '../../archive/job';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { ManualClock } from '../../base/clock';
import { type FakeRuntimeOptions, type RuntimeServer, startRuntimeServer } from '../server';
import { snapshotWriter, type TestClient, testClient, until } from './test-client';

/** When the clock of every test starts, milliseconds. */
export const START = Date.UTC(2026, 10, 23, 12);

/** What a test works with; made anew before each. */
export interface Bench {
  clock: ManualClock;
  runtime: RuntimeServer;
  client: TestClient;
  directory: string;
}

/** Ids that start alike, so that prefixes can be ambiguous. */
function idsThatStartAlike() {
  let count = 0;
  return { next: () => `${count++ < 2 ? 'aa' : 'bb'}${String(count).padStart(62, '0')}` };
}

/** Call it at the top of a test file; the runtime is on node1 and has what `options` adds. */
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

/** What a test of CheckpointContainer works with: a freeze of 100 ms a MiB, and archives that are the snapshot itself. */
export class CheckpointBench {
  readonly bench: Bench;
  /** The archives that were begun. */
  jobs: ArchiveJob[] = [];
  /** What the writing of an archive waits for; nothing unless a test says otherwise. */
  gate: (job: ArchiveJob) => Promise<void> = async () => {};
  /** Whether archives get to the disk; without it their checkpoints take turns of the event loop and nothing else. */
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

  /** Starts a checkpoint and moves the clock beyond the time that it freezes the container for. */
  async checkpoint(container_id: string, name: string, extra: { timeout?: number } = {}): Promise<string> {
    const { runtime, client, clock } = this.bench;
    const before = runtime.calls.length;
    const answer = client.failure('CheckpointContainer', { container_id, location: this.at(name), ...extra });
    // A refused call arms no timer and is over at once.
    await until(() => runtime.calls.length > before && this.view(container_id)?.frozen !== false && clock.pending > 0);
    clock.advance(100);
    return answer;
  }
}
