// Provides, for tests of restore, a runtime with a persona, and archives of both layouts.
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { containerdEntries } from '../../archive/containerd/containerd-layout';
import { crioEntries } from '../../archive/crio/crio-layout';
import type { ArchiveEntry } from '../../archive/job';
import type { ContainerSnapshot } from '../../archive/snapshot';
import { writeArchive } from '../../archive/writing/writer';
import { ManualClock } from '../../base/clock';
import { type FakeRuntimeOptions, type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { type TestClient, testClient } from '../../runtime/testing/test-client';
import { applyToRuntime } from '../apply';
import { persona } from '../personas/personas';

type Entries = (snapshot: ContainerSnapshot) => readonly ArchiveEntry[];
type Change = (entries: readonly ArchiveEntry[]) => readonly ArchiveEntry[];

/** The personas that support restore, with the layouts of their archives. */
export const RESTORED_LAYOUTS = { 'containerd-2.1': containerdEntries, 'cri-o-1.37+restore': crioEntries } as const;

export const without =
  (name: string): Change =>
  (entries) =>
    entries.filter((entry) => entry.name !== name);

/** Makes a change that replaces the content of a member. */
export const saying =
  (name: string, content: string | ((before: string) => string)): Change =>
  (entries) =>
    entries.map((entry) => {
      if (entry.name !== name) return entry;
      const text = typeof content === 'string' ? content : content(String(entry.content));
      return { ...entry, content: Buffer.from(text), size: Buffer.byteLength(text) };
    });

export class PersonaBench {
  clock = new ManualClock();
  runtime!: RuntimeServer;
  client!: TestClient;
  #directory = '';

  /** Prepares a bench for each test of a file. The test starts the runtime. */
  static forEachTest(): PersonaBench {
    const bench = new PersonaBench();
    beforeEach(async () => {
      bench.#directory = await fs.mkdtemp(path.join(tmpdir(), 'ckptest-test-'));
      bench.clock = new ManualClock(Date.UTC(2026, 10, 23, 12));
    });
    afterEach(async () => {
      bench.client[Symbol.dispose]();
      await bench.runtime.close();
      await fs.rm(bench.#directory, { recursive: true });
    });
    return bench;
  }

  async start(name: string, options: FakeRuntimeOptions = {}): Promise<void> {
    this.runtime = await startRuntimeServer(
      applyToRuntime(
        { clock: this.clock, ...options },
        persona(name).effects(() => this.runtime.control),
      ),
    );
    this.client = testClient(this.runtime.endpoint);
  }

  /** Returns a path in the directory of the test. */
  at(name: string): string {
    return path.join(this.#directory, name);
  }

  /** Returns an archive of a container that has counted to 1, written by the reference runtime in this layout. */
  async archive(layout: Entries, change: Change = (entries) => entries, extra: object = {}): Promise<string> {
    const writer = new ManualClock(Date.UTC(2026, 10, 22, 12));
    await using source = await startRuntimeServer({
      clock: writer,
      archiveWriter: { entries: (snapshot) => change(layout(snapshot)), write: (job) => writeArchive(job, writer) },
    });
    using cri = testClient(source.endpoint);
    const pod = await cri.pod('old', { log_directory: this.at('old') });
    const container_id = await cri.container(pod, { log_path: 'c.log', ...extra });
    writer.advance(1000);
    await cri.call('CheckpointContainer', { container_id, location: this.at('a.tar') });
    return this.at('a.tar');
  }

  /** Creates a container from an archive. Returns its id or the error, with variable parts of the message replaced. */
  async create(from: string, extra: object = {}): Promise<string> {
    const pod = await this.client.pod('new', { log_directory: this.at('new') });
    const image = { image: from, user_specified_image: from };
    const config = { metadata: { name: 'again' }, image, log_path: 'c.log', ...extra };
    const said = await this.client.call('CreateContainer', { pod_sandbox_id: pod, config }).then(
      ({ container_id }) => container_id,
      (error: Error) => error.message,
    );
    return said.replaceAll(this.#directory, '{DIR}').replace(/\/tmp\/checkpoint\d+/g, '{TMP}');
  }
}
