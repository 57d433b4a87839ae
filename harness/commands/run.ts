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
import type { Report, Result, TargetDescription } from '../report/results';
import { prepareDestinations, writeReports } from '../reporters/destinations';
import { type OutputStreams, type Printer, printerFor } from '../reporters/printer';
import { INTERRUPTED } from '../run/attempt';
import { newSeed } from '../run/random-order';
import { runSelected } from '../run/run';
import { select } from '../run/select';
import type { RunSettings } from '../run/settings';
import { quotedCommand } from '../run/shell-quoting';
import { startTarget } from '../targets/start-target';
import type { Target } from '../targets/target';
import { printSpecs } from './specs';

export type { OutputStreams } from '../reporters/printer';
export type ExitStatus = Report['verdict']['exit']['status'];

/** What will run, before a target is started. */
interface Plan {
  readonly settings: RunSettings;
  readonly selected: readonly Spec[];
  readonly excluded: readonly Spec[];
  /** Those of the user's file. */
  readonly knownFailures: readonly KnownFailure[];
  /** Name of the list of known failures, if it is a built-in one. */
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
  /** Why the run ended early. */
  readonly error?: unknown;
}

/**
 * How many specs run at once by default, if each has its own target. Specs mostly wait, so more workers than cores
 * help.
 */
const DEFAULT_PARALLEL = 4;

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
 * Returns the failures that are expected on this target: the user's list, or the built-in lists for this runtime and
 * its capabilities.
 */
const knownOn = ({ listName, knownFailures }: Plan, target: TargetDescription): readonly KnownFailure[] =>
  listName === undefined ? knownFailures : readKnownLists(chosenLists(listName, target), catalogue);

async function runOn(
  target: Target,
  knownFailures: readonly KnownFailure[],
  plan: Plan,
  parallel: number,
  onResult: (result: Result) => void,
  signal: AbortSignal,
) {
  const { settings, selected, seed, startedAt } = plan;
  const today = startedAt.toISOString().slice(0, 10);
  await runSelected(selected, target, {
    timeoutSeconds: settings.timeoutSeconds,
    // A mutant must fail rules, even those that real targets are known to break.
    knownFailure: settings.mutants.length > 0 ? () => undefined : (spec) => knownFailure(spec, knownFailures, today),
    repeat: repeatOf(plan),
    seed,
    times: settings.times,
    parallel,
    onResult: (result) => onResult(compareWithList(result, knownFailures, today)),
    signal,
  });
}

/** Starts the target and runs the specs. Never rejects: an error becomes part of the outcome. */
async function perform(plan: Plan, printer: Printer, signal: AbortSignal): Promise<Outcome> {
  const { settings, selected, seed } = plan;
  const results: Result[] = [];
  let description: TargetDescription | undefined;
  let parallel = 1;
  const outcome = () => ({ parallel, results, ...(description && { target: description }) });
  try {
    await using target = await startTarget(settings, signal);
    const knownFailures = knownOn(plan, target.description);
    description = redactedTarget(target.description);
    parallel = settings.parallel ?? (target.another ? DEFAULT_PARALLEL : 1);
    const needing = (need: string) => selected.filter(({ needs }) => needs.some((one) => one === need)).length;
    printer.start({ target: description, run: { seed, repeat: settings.times, parallel }, needing }, selected.length);
    await runOn(
      target,
      knownFailures,
      plan,
      parallel,
      (result) => {
        results.push(result);
        printer.result(result);
      },
      signal,
    );
  } catch (error) {
    return { ...outcome(), error };
  } finally {
    printer.stop();
  }
  return outcome();
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

function reportOf(plan: Plan, outcome: Outcome, isInterrupted: boolean): Report {
  const { settings, selected, excluded, seed, startedAt } = plan;
  const why = 'error' in outcome ? errorText(outcome.error) : isInterrupted ? INTERRUPTED : whyNotRun(outcome.results);
  return makeReport({
    run: {
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      command: commandOf(plan),
      seed,
      repeat: settings.times,
      parallel: outcome.parallel,
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

/**
 * Runs the suite and writes the report, even if the run ends early.
 *
 * @returns the exit status
 * @throws UserError for an error that the user can fix; if no target started, nothing is printed on standard output
 */
export async function run(settings: RunSettings, streams: OutputStreams, signal: AbortSignal): Promise<ExitStatus> {
  const plan = planOf(settings);
  if (settings.list) {
    printSpecs(plan.selected, settings.output === 'json' ? 'json' : 'text', streams.out);
    return 0;
  }
  const destinations = await prepareDestinations(settings);
  const printer = printerFor(settings.output, streams);
  const outcome = await perform(plan, printer, signal);
  const report = reportOf(plan, outcome, signal.aborted);
  const unwritten = await writeReports(destinations, report);
  const interrupted = new UserError(`${INTERRUPTED}; what had been made was removed`);
  if (!outcome.target) throw signal.aborted ? interrupted : outcome.error;
  const { reportDir } = settings;
  printer.report(report, reportDir === undefined || unwritten ? undefined : path.join(reportDir, 'report.html'));
  const { status } = report.verdict.exit;
  // Report a failed rule first: if both happen, exit status 1 has precedence over 2.
  if (status === 1) return status;
  if ('error' in outcome) throw outcome.error;
  if (unwritten) throw unwritten;
  if (signal.aborted) throw interrupted;
  return status;
}
