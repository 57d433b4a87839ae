// `ckptest run`: selects specs, runs them on a target, writes the report and returns the exit status.
import path from 'node:path';
import { errorText } from '../../fakes/base/error-text';
import { UserError } from '../../fakes/base/user-error';
import { specs as catalogue } from '../../specs/index';
import type { Spec } from '../../specs/subject/spec';
import type { KnownFailure } from '../report/known-failure';
import { compareWithList, knownFailure, readKnownFailures, readKnownLists } from '../report/known-failures';
import { chosenLists, fileOfList } from '../report/known-lists';
import { redactedTarget } from '../report/redact';
import { excludedResults, makeReport, unrunResults, whyNotRun } from '../report/report';
import type { Report, Result, RunFacts, TargetDescription } from '../report/results';
import { prepareDestinations, writeReports } from '../reporters/destinations';
import { type OutputStreams, type Printer, printerFor } from '../reporters/printer';
import { RunOver, whyOver } from '../run/attempt';
import { newSeed } from '../run/random-order';
import { type RunOptions, type RunSeen, runSelected } from '../run/run';
import { select } from '../run/select';
import type { RunSettings } from '../run/settings';
import { quotedCommand } from '../run/shell-quoting';
import { startTarget } from '../targets/start-target';
import { eitherSignal } from '../targets/subject/either-signal';
import { LeftBehind, leftOf } from '../targets/subject/removal';
import type { Target } from '../targets/target';
import { printSpecs } from './specs';

export type { OutputStreams } from '../reporters/printer';
export type ExitStatus = Report['verdict']['exit']['status'];

/** What a run will do, known before a target is started. */
interface Plan {
  readonly settings: RunSettings;
  readonly selected: readonly Spec[];
  readonly excluded: readonly Spec[];
  /** The known failures in the user's file. */
  readonly knownFailures: readonly KnownFailure[];
  /** Name of the built-in list of known failures, if the user gave one. */
  readonly listName: string | undefined;
  readonly seed: number;
  readonly startedAt: Date;
}

/** The result of a run. */
interface Outcome {
  /** Absent if the target did not start. */
  readonly target?: TargetDescription;
  readonly parallel: number;
  readonly results: readonly Result[];
  /** Number of checkpoints that had to succeed before a rule could be tested, and how many of them failed. */
  readonly dumps?: RunFacts['dumps'];
  /** Descriptions of what could not be removed. */
  readonly left: readonly string[];
  /** Why the run ended early. */
  readonly error?: unknown;
}

function planOf(settings: RunSettings): Plan {
  const { chosen, skipped } = select(catalogue, settings);
  const { knownFailures: given } = settings;
  const isList = given !== undefined && fileOfList(given) !== undefined;
  return {
    settings,
    selected: chosen,
    excluded: skipped,
    knownFailures: given === undefined || isList ? [] : readKnownFailures(given, catalogue),
    listName: isList ? given : undefined,
    seed: settings.seed ?? newSeed(),
    startedAt: new Date(),
  };
}

/** Returns the command that runs one spec again on the same target. */
const repeatOf =
  ({ settings: { given }, seed }: Plan) =>
  (id: string) =>
    quotedCommand(['npx', 'ckptest', 'run', ...given, '--seed', String(seed), '--focus', `^${id}$`]);

/** Returns the command that repeats the run. */
const commandOf = ({ settings: { given, chosenBy }, seed }: Plan) =>
  quotedCommand(['npx', 'ckptest', 'run', ...given, ...chosenBy, '--seed', String(seed)]);

/**
 * Returns the known failures of this target: the entries of the user's file, or of the built-in lists for this runtime
 * and its capabilities.
 */
const knownOn = ({ listName, knownFailures }: Plan, target: TargetDescription): readonly KnownFailure[] =>
  listName === undefined ? knownFailures : readKnownLists(chosenLists(listName, target), catalogue);

interface Running extends Required<Pick<RunOptions, 'parallel' | 'onResult' | 'onEnd' | 'signal'>> {
  readonly knownFailures: readonly KnownFailure[];
}

async function runOn(target: Target, plan: Plan, { knownFailures, ...running }: Running): Promise<void> {
  const { settings, selected, seed, startedAt } = plan;
  const today = startedAt.toISOString().slice(0, 10);
  await runSelected(selected, target, {
    ...running,
    timeoutSeconds: settings.timeoutSeconds,
    // On a mutant, no failure is a known failure: a mutant must break rules, even rules that real targets are known to
    // break.
    knownFailure: settings.mutants.length > 0 ? () => undefined : (spec) => knownFailure(spec, knownFailures, today),
    repeat: repeatOf(plan),
    seed,
    times: settings.times,
    onResult: (result) => running.onResult(compareWithList(result, knownFailures, today)),
  });
}

/** Starts the target and runs the specs. Never rejects: an error becomes part of the outcome. */
async function perform(plan: Plan, printer: Printer, signal: AbortSignal): Promise<Outcome> {
  const { settings, selected, seed } = plan;
  const results: Result[] = [];
  const left: string[] = [];
  let outcome: Outcome = { parallel: 1, results, left };
  const performOn = async (target: Target) => {
    const knownFailures = knownOn(plan, target.description);
    const description = redactedTarget(target.description);
    const parallel = settings.parallel ?? target.parallel ?? 1;
    outcome = { ...outcome, parallel, target: description };
    const needing = (need: string) => selected.filter(({ needs }) => needs.some((one) => one === need)).length;
    printer.start({ target: description, run: { seed, repeat: settings.times, parallel }, needing }, selected.length);
    const onResult = (result: Result) => {
      results.push(result);
      printer.result(result);
    };
    const onEnd = (seen: RunSeen) => {
      left.push(...seen.left);
      outcome = { ...outcome, dumps: { tried: seen.dumps.tried, failed: seen.dumps.failures.length } };
    };
    await runOn(target, plan, { knownFailures, parallel, onResult, onEnd, signal });
  };
  try {
    const target = await startTarget(settings, signal);
    const closed = () => Promise.resolve(target[Symbol.asyncDispose]());
    await performOn(target).finally(() => closed().catch((error: unknown) => left.push(...leftOf(error))));
  } catch (error) {
    outcome = { ...outcome, error };
  } finally {
    printer.stop();
  }
  return outcome;
}

/** Returns the results in the order of the catalogue. */
const inOrder = (selected: readonly Spec[], results: readonly Result[]) =>
  selected.flatMap(({ id }) => results.find((result) => result.id === id) ?? []);

/** Describes a target that did not start. */
const absentTarget = ({ runtimeEndpoint, kubeletBinary }: RunSettings): TargetDescription => ({
  kubelet: kubeletBinary ?? 'built-in fake',
  runtime: runtimeEndpoint ?? 'built-in fake',
  lacks: {},
});

function reportOf(plan: Plan, outcome: Outcome, ended: string | undefined): Report {
  const { settings, selected, excluded, seed, startedAt } = plan;
  const { dumps, left } = outcome;
  const why = 'error' in outcome ? errorText(outcome.error) : (ended ?? whyNotRun(outcome.results));
  return makeReport({
    run: {
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      command: commandOf(plan),
      seed,
      repeat: settings.times,
      parallel: outcome.parallel,
      ...(dumps && dumps.tried > 0 && { dumps }),
      ...(left.length > 0 && { left }),
      ...(why === undefined ? {} : { brokenOff: why }),
    },
    target: outcome.target ?? absentTarget(settings),
    profile: settings.profile,
    failOn: settings.failOn,
    requireComplete: settings.requireComplete,
    results: [
      ...inOrder(selected, [...outcome.results, ...unrunResults(selected, outcome.results, why ?? '')]),
      ...excludedResults(excluded),
    ],
  });
}

/** Aborts a run when its time is over. */
function timeLimit(seconds: number | undefined): { readonly signal: AbortSignal; readonly clear: () => void } {
  const limit = new AbortController();
  const end = () => limit.abort(new RunOver(`the time of the run is over (--max-duration ${seconds})`));
  const timer = seconds === undefined ? undefined : setTimeout(end, seconds * 1000);
  return { signal: limit.signal, clear: () => clearTimeout(timer) };
}

/**
 * Runs the suite and writes the report, even if the run ends early.
 *
 * @returns the exit status
 * @throws UserError for an error that the user can fix. If no target started, nothing is printed on standard output
 */
export async function run(settings: RunSettings, streams: OutputStreams, signal: AbortSignal): Promise<ExitStatus> {
  const plan = planOf(settings);
  if (settings.list) {
    printSpecs(plan.selected, settings.output === 'json' ? 'json' : 'text', streams.out);
    return 0;
  }
  const destinations = await prepareDestinations(settings);
  const printer = printerFor(settings.output, streams);
  const limit = timeLimit(settings.maxDurationSeconds);
  const over = eitherSignal(signal, limit.signal);
  const outcome = await perform(plan, printer, over).finally(limit.clear);
  const ended = over.aborted ? whyOver(over) : undefined;
  const report = reportOf(plan, outcome, ended);
  const unwritten = await writeReports(destinations, report);
  const early =
    ended === undefined ? undefined : new UserError(`${ended}; everything that the run created was removed`);
  if (!outcome.target) throw early ?? outcome.error;
  const { reportDir } = settings;
  printer.report(report, reportDir === undefined || unwritten ? undefined : path.join(reportDir, 'report.html'));
  const { status } = report.verdict.exit;
  // If a rule failed, return 1 before any error is thrown. An error means exit status 2, and 1 has precedence over 2.
  if (status === 1) return status;
  if ('error' in outcome) throw outcome.error;
  if (unwritten) throw unwritten;
  if (outcome.left.length > 0) throw new UserError(new LeftBehind(outcome.left).message);
  if (early) throw early;
  return status;
}
