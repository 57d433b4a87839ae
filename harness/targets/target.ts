// A target: what the suite tests. It makes a subject for each spec.
import type { DumpTally, Need, Subject } from '../../specs/subject/subject';
import type { Exchange, TargetDescription } from '../report/results';

/** What one spec works with. Disposing of it removes everything that the spec created. */
export interface SpecSubject extends Subject, AsyncDisposable {
  /** The HTTP and CRI exchanges so far, in order. */
  readonly exchanges: readonly Exchange[];
  /** The request that has waited longest for its answer, with the milliseconds; undefined if none waits. */
  unanswered(): { readonly sent: string; readonly milliseconds: number } | undefined;
}

/** How many specs run at once by default, if they share no state. Specs mostly wait. */
export const USUAL_PARALLEL = 4;

export interface Target extends AsyncDisposable {
  readonly description: TargetDescription;
  /** How many specs run at once on this target by default. Default: 1. */
  readonly parallel?: number;
  /** Why the target lacks something that a spec needs; undefined if it has it. */
  lacks(need: Need): string | undefined;
  /** @param onlyWaits called when the spec will only wait from now on */
  subject(onlyWaits?: () => void): SpecSubject;
  /** Returns the number of checkpoints that rules needed to succeed, and the failures. */
  dumps?(): DumpTally;
  /** Why the rest of the run is useless: the target has exited or no longer answers. Undefined while it answers. */
  gone?(): Promise<string | undefined>;
  /**
   * Starts another, independent target of the same kind, for specs that run at the same time. Absent if there can be
   * only one.
   */
  another?(): Promise<Target>;
}
