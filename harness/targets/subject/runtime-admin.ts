// What a target can do with a runtime beyond CRI calls.
import type { RuntimeFault, SeenCheckpoint } from '../../../specs/subject/subject';

/** The CheckpointContainer calls that a runtime has received since the watch began. */
export interface Watch {
  callsSoFar(): readonly SeenCheckpoint[];
  /** Ends the watch, and returns all of them. */
  end(): Promise<readonly SeenCheckpoint[]>;
}

/** Watches a runtime, makes it fail or wait, and restarts it. */
export interface RuntimeAdmin {
  watch(): Promise<Watch>;
  /** Makes CheckpointContainer fail or wait while the action runs. Every runtime can be asked to refuse. */
  during<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T>;
  /**
   * Makes the writing of archives take longer while the action runs, if that can be arranged.
   *
   * @param milliseconds how much longer
   */
  slowly<T>(milliseconds: number, action: () => Promise<T>): Promise<T>;
  restart(): Promise<void>;
}

/** The admin interface of a runtime that is only called: one that refuses checkpoints does so by itself. */
export const NO_ADMIN: RuntimeAdmin = {
  watch: async () => ({ callsSoFar: () => [], end: async () => [] }),
  during: (fault, action) =>
    fault === 'refuses' ? action() : Promise.reject(new Error('a real runtime cannot be told to fail')),
  slowly: (_, action) => action(),
  restart: () => Promise.reject(new Error('nobody said how this runtime is restarted')),
};

/** A row of a fake runtime's call log, without the fields that have their default values. */
export interface CallRow {
  readonly index: number;
  readonly method: string;
  readonly request: object;
  readonly deadlineSeconds?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly error?: { readonly code: string } | undefined;
}

/** Returns the checkpoints among the rows that came after the row with an index. */
export const checkpointsAfter = (index: number, rows: readonly CallRow[]): readonly SeenCheckpoint[] =>
  rows
    .filter((row) => row.index > index && row.method === 'CheckpointContainer')
    .map(({ method, request, deadlineSeconds, endedAt, error }) => ({
      method,
      request: { container_id: '', location: '', timeout: '0', ...request },
      deadlineSeconds,
      ended: endedAt === undefined ? undefined : (error?.code ?? 'OK'),
    }));
