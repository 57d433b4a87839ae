// A target: what the suite runs against, made into the subject that specs see.
import type { Need, Subject } from '../../specs/subject/subject';
import type { Exchange, TargetDescription } from '../report/results';

/** A subject for one spec; disposing of it removes all that the spec made. */
export interface SpecSubject extends Subject, AsyncDisposable {
  /** What went over the wires so far, in order. */
  readonly exchanges: readonly Exchange[];
  /** What has waited longest for its answer, and for how long (ms); undefined where nothing waits. */
  unanswered(): { readonly sent: string; readonly milliseconds: number } | undefined;
}

export interface Target extends AsyncDisposable {
  readonly description: TargetDescription;
  /** The reason why the target lacks something a spec needs, or undefined where it offers it. */
  lacks(need: Need): string | undefined;
  subject(): SpecSubject;
  /** Why nothing more can be learnt of the target: it has ended, or answers nothing at all. Undefined while it is there. */
  gone?(): Promise<string | undefined>;
  /**
   * Starts another target just like this one, which shares nothing with it, for specs that run at the same time; absent
   * where there is only one.
   */
  another?(): Promise<Target>;
}
