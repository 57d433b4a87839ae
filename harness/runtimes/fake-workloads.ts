// The containers whose fake archives are judged: what runs in each, and what a CRI client cannot ask for. Data only.
import type { ContainerSnapshot } from '../../fakes/archive/snapshot';

/** A container of the fake runtime on its way into an archive. */
export interface FakeWorkload {
  readonly name: string;
  readonly command: readonly string[];
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Adds to the snapshot what the simulation has not: memory, planted strings, more processes. */
  readonly enrich: (snapshot: ContainerSnapshot) => ContainerSnapshot;
}

const MIB = 1024 * 1024;

export const FAKE_WORKLOADS: readonly FakeWorkload[] = [
  {
    name: 'shell-and-child',
    command: ['/bin/sh', '-c'],
    arguments: ['i=1; sleep 1000', 'name with spaces', ''],
    environment: { GREETING: 'hello', EMPTY: '', EQUATION: 'a=b=c', SENTENCE: 'two words' },
    enrich: (snapshot) => ({
      ...snapshot,
      processes: snapshot.processes.map((process, index) => (index === 0 ? { ...process, memoryBytes: MIB } : process)),
    }),
  },
];
