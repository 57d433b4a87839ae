// `ckptest run`: chooses a target and specs, runs, reports. Its end is the exit status.
import path from 'node:path';
import { UserError } from '../../fakes/base/user-error';
import { specs as catalogue } from '../../specs/index';
import type { Spec } from '../../specs/subject/spec';
import { errorText } from '../base/error-text';
import { besideList, knownFailure, readKnownFailures } from '../report/known-failures';
import { fileOfList, requireRuntimeOf } from '../report/known-lists';
import { redactedTarget } from '../report/redact';
import { makeReport, skippedResults, unrunResults } from '../report/report';
import type { Result, TargetDescription } from '../report/results';
import { prepareDestinations, writeReports } from '../reporters/destinations';
import { tapLines } from '../reporters/tap';
import { headLines, resultLines, verdictLines } from '../reporters/text';
import { INTERRUPTED } from '../run/attempt';
import { newSeed } from '../run/order';
import { progressOn } from '../run/progress';
import { runSpecs } from '../run/run';
import { select } from '../run/select';
import type { RunSettings } from '../run/settings';
import { commandLine } from '../run/shell-quoting';
import { startTarget } from '../targets/start-target';
import { listSpecs } from './specs';

/** 0: what the profile requires holds; 1: it does not. What cannot be judged at all is thrown. */
export type ExitStatus = 0 | 1;

export interface Streams {
  readonly out: NodeJS.WritableStream;
  /** A terminal says so by `isTTY`. */
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The command that runs one spec again on the same target. */
function repeatOf({ given }: RunSettings, seed: number): (id: string) => string {
  return (id) => commandLine(['npx', 'ckptest', 'run', ...given, '--seed', String(seed), '--focus', `^${id}$`]);
}

/** The command that repeats the run. */
const commandOf = ({ given, chosenBy }: RunSettings, seed: number) =>
  commandLine(['npx', 'ckptest', 'run', ...given, ...chosenBy, '--seed', String(seed)]);

/** Results as their specs stand in the catalogue, whatever order they came in. */
const inOrder = (chosen: readonly Spec[], results: readonly Result[]) =>
  chosen.flatMap(({ id }) => results.find((result) => result.id === id) ?? []);

/** On targets of their own, specs mostly wait. */
const USUAL_LANES = 4;

/** What is known of a target that did not come up. */
const absentTarget = ({ runtimeEndpoint, kubeletBinary }: RunSettings): TargetDescription => ({
  kubelet: kubeletBinary ?? 'built-in fake',
  runtime: runtimeEndpoint ?? 'built-in fake',
  lacks: {},
});

const interrupted = () => new UserError(`${INTERRUPTED}; what had been made was removed`);

/** Where the report is, for those who look at it. */
const whereLines = ({ reportDir }: RunSettings, written: boolean): string[] =>
  reportDir !== undefined && written ? [`report: ${path.join(reportDir, 'report.html')}`] : [];

/** Runs the suite and writes the report, also where the run breaks. Throws a UserError for what the user can mend. */
export async function run(settings: RunSettings, { out, err }: Streams, signal: AbortSignal): Promise<ExitStatus> {
  const { chosen, skipped } = select(catalogue, settings);
  if (settings.list) {
    listSpecs(chosen, settings.output === 'json' ? 'json' : 'text', out);
    return 0;
  }
  const { knownFailures } = settings;
  const list = knownFailures === undefined ? undefined : fileOfList(knownFailures);
  const listed = knownFailures === undefined ? [] : readKnownFailures(list ?? knownFailures, catalogue);
  const startedAt = new Date();
  const seed = settings.seed ?? newSeed();
  const today = startedAt.toISOString().slice(0, 10);
  const destinations = await prepareDestinations(settings);
  const say = (lines: readonly string[]) => out.write(lines.map((line) => `${line}\n`).join(''));
  const text = settings.output === 'text';
  const sayResult = (result: Result) => {
    if (text && result.status !== 'skipped') say(resultLines(result));
  };
  // A bar and lines would run into each other on a terminal: there the lines come after the bar.
  const atOnce = !err.isTTY;
  const needing = (need: string) => chosen.filter(({ needs }) => needs.some((one) => one === need)).length;
  const ran: Result[] = [];
  let description: TargetDescription | undefined;
  let parallel = 1;
  let broken: { readonly error: unknown } | undefined;
  try {
    await using target = await startTarget(settings, signal);
    if (knownFailures !== undefined && list) requireRuntimeOf(knownFailures, target.description.runtime);
    description = redactedTarget(target.description);
    parallel = settings.parallel ?? (target.another ? USUAL_LANES : 1);
    if (text) say(headLines({ target: description, run: { seed, repeat: settings.times, parallel }, needing }));
    const progress = progressOn(err, chosen.length);
    try {
      await runSpecs(chosen, target, {
        timeoutSeconds: settings.timeoutSeconds,
        knownFailure: settings.mutants.length > 0 ? () => undefined : (spec) => knownFailure(spec, listed, today),
        repeat: repeatOf(settings, seed),
        seed,
        times: settings.times,
        parallel,
        onResult: (came) => {
          const result = besideList(came, listed, today);
          ran.push(result);
          progress.step(result.id);
          if (atOnce) sayResult(result);
        },
        signal,
      });
    } finally {
      progress.stop();
    }
  } catch (error) {
    broken = { error };
  }
  const brokenOff = broken ? errorText(broken.error) : signal.aborted ? INTERRUPTED : undefined;
  const unrun = unrunResults(chosen, ran, brokenOff ?? '');
  const report = makeReport({
    run: {
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      command: commandOf(settings, seed),
      seed,
      repeat: settings.times,
      parallel,
      ...(brokenOff === undefined ? {} : { brokenOff }),
    },
    target: description ?? absentTarget(settings),
    profile: settings.profile,
    results: [...inOrder(chosen, [...ran, ...unrun]), ...skippedResults(skipped)],
  });
  const unwritten = await writeReports(destinations, report);
  // A target that did not come up has nothing to show on standard output.
  if (!description) throw signal.aborted ? interrupted() : broken?.error;
  if (settings.output === 'json') say([JSON.stringify(report, null, 2)]);
  else if (settings.output === 'tap') say(tapLines(report));
  else {
    for (const result of atOnce ? unrun : report.results) sayResult(result);
    say([...verdictLines(report), ...whereLines(settings, unwritten === undefined)]);
  }
  if (broken) throw broken.error;
  if (unwritten) throw unwritten;
  const { verdict } = report;
  if (signal.aborted) throw interrupted();
  if (!verdict.decided) throw new UserError(`${verdict.counts.error} specs could not be judged; the report says why`);
  return verdict.conformant ? 0 : 1;
}
