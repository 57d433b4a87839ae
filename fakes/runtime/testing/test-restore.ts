// Helps with tests of restore: provides a runtime in which containers are checkpointed, and a second runtime that
// shares no state with it.
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { containerdEntries } from '../../archive/containerd/containerd-layout';
import type { ArchiveEntry } from '../../archive/job';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { writeArchive } from '../../archive/writing/writer';
import { type Clock, ManualClock } from '../../base/clock';
import type { ArchiveWriter } from '../checkpoint/checkpoint';
import { type RuntimeServer, startRuntimeServer } from '../server';
import { type TestClient, testClient } from './test-client';
import { type Bench, benchForEachTest, START } from './test-runtime';

/** Milliseconds since the epoch when the restoring runtime starts, one day after the checkpoint. */
export const LATER = START + 86_400_000;

/** A script that prints a number every second. */
export const COUNT = 'i=0; while true; do echo $i; i=$((i+1)); sleep 1; done';

/** Returns the text of each line of a log in CRI's format. */
export const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf(' F ') + 3));

/** A container in the restoring runtime. */
interface RestoredContainer {
  readonly id: string;
  readonly log: string;
  exec(...cmd: string[]): Promise<string>;
}

export class RestoreBench {
  readonly source: Bench;
  /** Makes the entries of archives. Default: containerd's layout. */
  entries: (snapshot: ContainerSnapshot) => readonly ArchiveEntry[] = containerdEntries;
  #there: { readonly runtime: RuntimeServer; readonly clock: ManualClock; readonly client: TestClient } | undefined;

  constructor() {
    const writer = (clock: Clock): ArchiveWriter => ({
      entries: (snapshot) => this.entries(snapshot),
      write: (job) => writeArchive(job, clock),
    });
    this.source = benchForEachTest(() => ({ archiveWriter: writer(this.source.clock) }));
    beforeEach(async () => {
      this.entries = containerdEntries;
      const clock = new ManualClock(LATER);
      const runtime = await startRuntimeServer({
        clock,
        archiveWriter: writer(clock),
        settings: { hostname: 'node2' },
      });
      this.#there = { runtime, clock, client: testClient(runtime.endpoint) };
    });
    afterEach(async () => {
      this.#there?.client[Symbol.dispose]();
      await this.#there?.runtime.close();
    });
  }

  /** The restoring runtime, its clock, and a client. */
  get there() {
    if (!this.#there) throw new Error('the other computer is there during a test only');
    return this.#there;
  }

  readonly at = (name: string) => path.join(this.source.directory, name);

  /**
   * Runs a script, checkpoints it after some time, and removes the container with its log.
   * @returns the path of the archive
   */
  async archiveOf(script: string, milliseconds: number, extra: object = {}): Promise<string> {
    const { client, clock } = this.source;
    const pod = await client.pod('here', { log_directory: this.at('here') });
    const command = ['/bin/sh', '-c', script];
    const id = await client.container(pod, { command, log_path: 'c.log', ...extra });
    clock.advance(0);
    // Advance the clock in small steps, so that processes can interact between the steps.
    for (let passed = 0; passed < milliseconds; passed += 50) clock.advance(50);
    await client.call('CheckpointContainer', { container_id: id, location: this.at('a.tar') });
    await client.call('RemoveContainer', { container_id: id });
    rmSync(this.at('here'), { recursive: true, force: true });
    return this.at('a.tar');
  }

  /** Creates a container in the restoring runtime from an archive or an image. */
  async created(from: string, extra: object = {}): Promise<RestoredContainer> {
    const { client } = this.there;
    const pod = await client.pod('there', { log_directory: this.at('there') });
    const id = await client.created(pod, { image: { image: from }, command: [], log_path: 'c.log', ...extra });
    return {
      id,
      log: this.at('there/c.log'),
      exec: async (...cmd) => {
        const { stdout, stderr } = await client.call('ExecSync', { container_id: id, cmd });
        return `${stdout}${stderr}`;
      },
    };
  }

  /** Creates and starts a container in the restoring runtime from an archive or an image. */
  async restored(from: string, extra: object = {}): Promise<RestoredContainer> {
    const container = await this.created(from, extra);
    await this.there.client.call('StartContainer', { container_id: container.id });
    return container;
  }
}
