// Runs the selected specs on a target and turns their outcomes into results. Prints nothing.
import { harmOf } from '../../specs/catalogue/harms';
import { impactOf } from '../../specs/catalogue/impact';
import type { Spec } from '../../specs/subject/spec';
import type { DumpTally } from '../../specs/subject/subject';
import { redactedResult } from '../report/redact';
import { NOT_RUN } from '../report/report';
import type { Result } from '../report/results';
import { LeftBehind } from '../targets/subject/removal';
import type { Target } from '../targets/target';
import { type AttemptOptions, attempt, type Outcome, whyOver } from './attempt';
import { combineAttempts, repeatedAlone } from './combine-attempts';
import { randomRounds } from './random-order';
import { Removals } from './removals';
import { onWorkers, type UnderWay, type Work } from './workers';

/** What a run reports in addition to its results. */
export interface RunSeen {
  /** Descriptions of what could not be removed. */
  readonly left: readonly string[];
  /** Counts the checkpoints that had to succeed before a rule could be tested. */
  readonly dumps: DumpTally;
}

export interface RunOptions extends AttemptOptions {
  /** Returns the command that runs one spec again. */
  readonly repeat: (id: string) => string;
  /** Called with the result of each spec when the spec is complete. */
  readonly onResult?: (result: Result) => void;
  /**
   * Called once at the end of the run, even if the run rejects. Without `onEnd`, the run rejects if something could not
   * be removed.
   */
  readonly onEnd?: (seen: RunSeen) => void;
  /** Seed of the order of the specs, 0 to 2^31-1. Without a seed, the specs run in the given order. */
  readonly seed?: number;
  /** How many times each spec runs. Default: 1. */
  readonly times?: number;
  /** How many specs run at once, if they share no state. Default: 1. */
  readonly parallel?: number;
}

/** The outcome of a spec that was not run because the run ended early. */
const notRun = (why: string): Outcome => ({ status: 'skipped', reason: `${NOT_RUN}: ${why}` });

const isWrong = ({ status }: Outcome) => status === 'fail' || status === 'error';

/** One run: its results so far, and the specs to repeat. */
class Run implements Work {
  readonly results = new Map<string, Result>();
  readonly #options: RunOptions;
  readonly #removals = new Removals();
  readonly #attempts = new Map<string, Result[]>();
  readonly #targets = new Set<Target>();
  /** Specs that failed while others ran. The failure counts only if the spec fails again when it runs alone. */
  readonly #unsure: (readonly [Spec, Result])[] = [];
  #gone: string | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  get seen(): RunSeen {
    const dumps = [...this.#targets].flatMap((target) => target.dumps?.() ?? []);
    const tried = dumps.reduce((sum, one) => sum + one.tried, 0);
    return { left: this.#removals.left, dumps: { tried, failures: dumps.flatMap(({ failures }) => failures) } };
  }

  settled(target: Target): Promise<void> {
    return this.#removals.all(target);
  }

  run(spec: Spec, target: Target): UnderWay {
    return this.#start(spec, target, (result) => this.#note(result));
  }

  runBeside(spec: Spec, target: Target): Promise<void> {
    return this.#start(spec, target, (result) => {
      if (isWrong(result)) this.#unsure.push([spec, result]);
      else this.#note(result);
    }).done;
  }

  again(target: Target): readonly (() => UnderWay)[] {
    return this.#unsure.splice(0).map(
      ([spec, before]) =>
        () =>
          this.#start(spec, target, (result) => this.#note(repeatedAlone(before, result))),
    );
  }

  #start(spec: Spec, target: Target, note: (result: Result) => void): UnderWay {
    this.#targets.add(target);
    let free = () => {};
    const onlyWaits = new Promise<void>((resolve) => {
      free = resolve;
    });
    const done = this.#result(spec, target, free).then(note);
    return { free: Promise.race([onlyWaits, done]), done };
  }

  async #result(spec: Spec, target: Target, onlyWaits: () => void): Promise<Result> {
    const start = performance.now();
    const outcome = await this.#outcome(spec, target, onlyWaits);
    const { id, title, level, strength, source } = spec;
    const harm = harmOf(id);
    const impact = outcome.violation && impactOf(id, outcome.violation.label);
    return redactedResult({
      id,
      title,
      level,
      strength,
      source,
      ...(harm && { harm }),
      ...outcome,
      ...(impact && { impact }),
      repeat: this.#options.repeat(id),
      durationMs: Math.round(performance.now() - start),
    });
  }

  #note(result: Result): void {
    const { times = 1, onResult } = this.#options;
    const [first, ...more] = [...(this.#attempts.get(result.id) ?? []), result];
    this.#attempts.set(result.id, [first, ...more]);
    if (more.length + 1 < times) return;
    const combined = combineAttempts([first, ...more]);
    this.results.set(result.id, combined);
    onResult?.(combined);
  }

  async #outcome(spec: Spec, target: Target, onlyWaits: () => void): Promise<Outcome> {
    const { signal } = this.#options;
    await this.#removals.room();
    if (signal?.aborted) return notRun(whyOver(signal));
    if (this.#gone !== undefined) return notRun(this.#gone);
    const outcome = await attempt(spec, target, this.#options, {
      removal: (removal) => this.#removals.add(removal, target),
      onlyWaits,
    });
    if (outcome.status === 'error' && signal?.aborted) return notRun(whyOver(signal));
    if (!isWrong(outcome) || signal?.aborted) return outcome;
    this.#gone ??= await target.gone?.();
    return this.#gone === undefined ? outcome : { ...outcome, reason: `${outcome.reason}; ${this.#gone}` };
  }
}

/**
 * Runs the specs.
 *
 * @param chosen the specs to run
 * @param target the target on which they run
 * @returns one result for each spec, in the order of `chosen`. Specs that had not run when the signal was aborted or
 * the target stopped answering are `skipped`.
 * @throws LeftBehind if something could not be removed and there is no `onEnd`
 */
export async function runSelected(chosen: readonly Spec[], target: Target, options: RunOptions): Promise<Result[]> {
  const { times = 1, parallel = 1, seed, onEnd } = options;
  const run = new Run(options);
  try {
    await onWorkers(randomRounds(chosen, times, seed), target, parallel, run);
  } finally {
    await run.settled(target);
    onEnd?.(run.seen);
  }
  if (!onEnd && run.seen.left.length > 0) throw new LeftBehind(run.seen.left);
  return chosen.flatMap(({ id }) => run.results.get(id) ?? []);
}
