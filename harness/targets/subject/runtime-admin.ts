// Defines what the suite can do with a runtime in addition to CRI calls.
import type { RuntimeFault, SeenCheckpoint } from '../../../specs/subject/subject';

/** Observes the CheckpointContainer calls that a runtime receives after the watch began. */
export interface Watch {
  callsSoFar(): readonly SeenCheckpoint[];
  /** Ends the watch and returns all calls that it saw. */
  end(): Promise<readonly SeenCheckpoint[]>;
}

/** Observes a runtime, makes it fail or wait, and restarts it. */
export interface RuntimeAdmin {
  watch(): Promise<Watch>;
  /** Makes CheckpointContainer fail or wait while the action runs. */
  during<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T>;
  /**
   * Makes writing an archive take longer while the action runs, if the runtime supports that.
   *
   * @param milliseconds additional duration, milliseconds
   */
  slowly<T>(milliseconds: number, action: () => Promise<T>): Promise<T>;
  restart(): Promise<void>;
}

/**
 * The admin interface of a runtime of the user. The fault `refuses` does nothing, because it is used only for runtimes
 * that already refuse.
 */
export const NO_ADMIN: RuntimeAdmin = {
  watch: async () => ({ callsSoFar: () => [], end: async () => [] }),
  during: (fault, action) =>
    fault === 'refuses' ? action() : Promise.reject(new Error('a real runtime cannot be told to fail')),
  slowly: (_, action) => action(),
  restart: () => Promise.reject(new Error('the suite cannot restart this runtime')),
};

/** A row of the fake runtime's call log. Fields with default values are absent. */
export interface CallRow {
  readonly index: number;
  readonly method: string;
  readonly request: object;
  readonly deadlineSeconds?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly error?: { readonly code: string } | undefined;
}

/**
 * Returns the CheckpointContainer calls after a row of the log.
 *
 * @param index index of that row
 */
export const checkpointsAfter = (index: number, rows: readonly CallRow[]): readonly SeenCheckpoint[] =>
  rows
    .filter((row) => row.index > index && row.method === 'CheckpointContainer')
    .map(({ method, request, deadlineSeconds, endedAt, error }) => ({
      method,
      request: { container_id: '', location: '', timeout: '0', ...request },
      deadlineSeconds,
      ended: endedAt === undefined ? undefined : (error?.code ?? 'OK'),
    }));
