// Defines a target, which is what the suite tests. A target makes a subject for each spec.
import type { DumpTally, Need, Subject } from '../../specs/subject/subject';
import type { Exchange, TargetDescription } from '../report/results';

/** The subject of one spec. Disposing of it removes everything that the spec created. */
export interface SpecSubject extends Subject, AsyncDisposable {
  /** The HTTP and CRI exchanges so far, in order. */
  readonly exchanges: readonly Exchange[];
  /**
   * Returns the request that has waited longest for its response, with the milliseconds; undefined if no request is
   * waiting.
   */
  unanswered(): { readonly sent: string; readonly milliseconds: number } | undefined;
}

/**
 * How many specs run at once by default, if they share no state. Running several specs saves time, because specs mostly
 * wait.
 */
export const USUAL_PARALLEL = 4;

export interface Target extends AsyncDisposable {
  readonly description: TargetDescription;
  /** How many specs run at once on this target by default. Default: 1. */
  readonly parallel?: number;
  /** Returns why the target lacks a capability; undefined if the target has it. */
  lacks(need: Need): string | undefined;
  /** @param onlyWaits called when the spec does nothing but wait from now on */
  subject(onlyWaits?: () => void): SpecSubject;
  /** Returns the number of checkpoints that had to succeed before a rule could be tested, and the failures. */
  dumps?(): DumpTally;
  /**
   * Returns why the rest of the run is useless: the target has exited or no longer responds. Undefined while it
   * responds.
   */
  gone?(): Promise<string | undefined>;
  /**
   * Starts another, independent target of the same kind, for specs that run at the same time. Absent if only one such
   * target can run.
   */
  another?(): Promise<Target>;
}
