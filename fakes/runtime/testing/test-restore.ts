// What tests of restore work with: a runtime whose containers are checkpointed, and one elsewhere that shares nothing.
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

/** A day later, on the other computer. */
export const LATER = START + 86_400_000;

/** A container that counts, once a second. */
export const COUNT = 'i=0; while true; do echo $i; i=$((i+1)); sleep 1; done';

/** What a log in CRI's format says, line by line. */
export const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf(' F ') + 3));

/** A container on the other computer. */
interface There {
  readonly id: string;
  readonly log: string;
  exec(...cmd: string[]): Promise<string>;
}

export class RestoreBench {
  readonly here: Bench;
  /** What archives are made of; containerd's layout unless a test says otherwise. */
  entries: (snapshot: ContainerSnapshot) => readonly ArchiveEntry[] = containerdEntries;
  #there: { readonly runtime: RuntimeServer; readonly clock: ManualClock; readonly client: TestClient } | undefined;

  constructor() {
    const writer = (clock: Clock): ArchiveWriter => ({
      entries: (snapshot) => this.entries(snapshot),
      write: (job) => writeArchive(job, clock),
    });
    this.here = benchForEachTest(() => ({ archiveWriter: writer(this.here.clock) }));
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

  /** The other computer's runtime, its clock, and a client of it. */
  get there() {
    if (!this.#there) throw new Error('the other computer is there during a test only');
    return this.#there;
  }

  readonly at = (name: string) => path.join(this.here.directory, name);

  /** Runs a script here, checkpoints it after some time, and removes the container with its log. */
  async archiveOf(script: string, milliseconds: number, extra: object = {}): Promise<string> {
    const { client, clock } = this.here;
    const pod = await client.pod('here', { log_directory: this.at('here') });
    const command = ['/bin/sh', '-c', script];
    const id = await client.container(pod, { command, log_path: 'c.log', ...extra });
    clock.advance(0);
    // Small steps, so that what one process does wakes another.
    for (let passed = 0; passed < milliseconds; passed += 50) clock.advance(50);
    await client.call('CheckpointContainer', { container_id: id, location: this.at('a.tar') });
    await client.call('RemoveContainer', { container_id: id });
    rmSync(this.at('here'), { recursive: true, force: true });
    return this.at('a.tar');
  }

  /** Creates a container there from an archive or an image. */
  async created(from: string, extra: object = {}): Promise<There> {
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

  /** As created, and started. */
  async restored(from: string, extra: object = {}): Promise<There> {
    const made = await this.created(from, extra);
    await this.there.client.call('StartContainer', { container_id: made.id });
    return made;
  }
}
