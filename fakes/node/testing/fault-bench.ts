// Provides, for tests of faults, a runtime with one container, a manual clock, and the interceptors of a fault plan.
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import { Faults } from '../../faults/faults';
import { type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { type TestClient, testClient } from '../../runtime/testing/test-client';
import { type FaultWrappers, faultWrappers } from '../fault-wrappers';

export class FaultBench {
  directory = '';
  clock!: ManualClock;
  faults!: Faults;
  wrappers!: FaultWrappers;
  runtime!: RuntimeServer;
  client!: TestClient;
  /** Id of the container. */
  id = '';

  /** Prepares a bench for each test of a file. */
  static forEachTest(): FaultBench {
    const bench = new FaultBench();
    beforeEach(() => bench.#begin());
    afterEach(async () => {
      bench.client[Symbol.dispose]();
      await bench.runtime.close();
      await fs.rm(bench.directory, { recursive: true });
    });
    return bench;
  }

  async #begin(): Promise<void> {
    this.directory = await fs.mkdtemp(path.join(tmpdir(), 'faults-'));
    this.clock = new ManualClock();
    this.faults = new Faults();
    this.wrappers = faultWrappers(this.faults, { clock: this.clock, control: () => this.runtime.control });
    const { cri, streams, archive } = this.wrappers;
    this.runtime = await startRuntimeServer({ clock: this.clock, cri: [cri], streams: [streams], archive: [archive] });
    this.client = testClient(this.runtime.endpoint);
    this.id = await this.client.container(await this.client.pod('web'));
  }

  /** Returns the path of an archive. */
  file(name = 'a.tar'): string {
    return path.join(this.directory, name);
  }

  /** Requests a checkpoint. Returns `OK` or the error. */
  checkpoint(name?: string): Promise<string> {
    return this.client.failure('CheckpointContainer', { container_id: this.id, location: this.file(name) });
  }

  /** Returns the names of the files in the directory of the archives. */
  names(): Promise<string[]> {
    return fs.readdir(this.directory);
  }
}
