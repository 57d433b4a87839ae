// `ckptest run`: chooses a target and specs, runs, reports. Its end is the exit status.
import { UserError } from '../../fakes/user-error';
import { specs as catalogue } from '../../specs/index';
import type { Spec } from '../../specs/spec';
import { knownFailure, readKnownFailures, withStaleEntries } from '../known-failures';
import { progressOn } from '../progress';
import { tapLines } from '../reporters/tap';
import { headLines, resultLines, verdictLines } from '../reporters/text';
import type { Report, Result } from '../results';
import { runSpecs } from '../run';
import { select } from '../select';
import type { RunSettings } from '../settings';
import { startBuiltIn } from '../targets/built-in';
import { startRuntimeEndpoint } from '../targets/runtime-endpoint';
import type { Target } from '../targets/target';
import { judge } from '../verdict';
import { listSpecs } from './specs';

/** 0: what the profile requires holds; 1: it does not. What cannot be judged at all is thrown. */
export type ExitStatus = 0 | 1;

export interface Streams {
  readonly out: NodeJS.WritableStream;
  /** A terminal says so by `isTTY`. */
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

function startTarget(settings: RunSettings): Promise<Target> {
  const { runtimeEndpoint, imageEndpoint, mutants, variants, persona } = settings;
  if (runtimeEndpoint === undefined) return startBuiltIn(settings);
  if (mutants.length > 0 || variants.length > 0 || persona !== undefined)
    throw new UserError(
      '--mutant, --variant and --persona bend the built-in fakes; they do not go with --runtime-endpoint',
    );
  return startRuntimeEndpoint({ ...settings, runtimeEndpoint, imageEndpoint: imageEndpoint ?? runtimeEndpoint });
}

/** The command that runs one spec again on the same target. */
function repeatOf({ given }: RunSettings): (id: string) => string {
  return (id) => ['npx ckptest run', ...given, `--focus '^${id}$'`].join(' ');
}

const sourceOf = (id: string) => catalogue.find((spec) => spec.id === id)?.source;

/** A spec that was chosen away, so that the report accounts for all. */
const skippedResult = ({ id, title, level, strength }: Spec): Result => ({
  id,
  title,
  level,
  strength,
  status: 'skipped',
  reason: 'chosen away',
  durationMs: 0,
});

/** Runs the suite and writes the report. Throws a UserError for what the user can mend. */
export async function run(settings: RunSettings, { out, err }: Streams, signal: AbortSignal): Promise<ExitStatus> {
  const { chosen, skipped } = select(catalogue, settings);
  if (settings.list) {
    listSpecs(chosen, settings.output === 'json' ? 'json' : 'text', out);
    return 0;
  }
  const listed = settings.knownFailures === undefined ? [] : readKnownFailures(settings.knownFailures, catalogue);
  const today = new Date().toISOString().slice(0, 10);
  await using target = await startTarget(settings);
  const say = (lines: readonly string[]) => out.write(lines.map((line) => `${line}\n`).join(''));
  const text = settings.output === 'text';
  if (text) say(headLines({ target: target.description }));
  const progress = progressOn(err, chosen.length);
  const sayResult = (result: Result) => {
    const source = sourceOf(result.id);
    if (text && source && result.status !== 'skipped') say(resultLines(result, source));
  };
  // A bar and lines would run into each other on a terminal: there the lines come after the bar.
  const atOnce = !err.isTTY && listed.length === 0;
  const ran = await runSpecs(chosen, target, {
    timeoutSeconds: settings.timeoutSeconds,
    knownFailure: settings.mutants.length > 0 ? () => undefined : (spec) => knownFailure(spec, listed, today),
    repeat: repeatOf(settings),
    onResult: (result) => {
      progress.step(result.id);
      if (atOnce) sayResult(result);
    },
    signal,
  });
  progress.stop();
  const results = [...withStaleEntries(ran, listed), ...skipped.map(skippedResult)];
  const verdict = judge(settings.profile, results, target.description);
  const report: Report = {
    schema: 'ckptest.report/v1',
    target: target.description,
    profile: settings.profile,
    verdict,
    results,
  };
  if (settings.output === 'json') say([JSON.stringify(report, null, 2)]);
  else if (settings.output === 'tap') say(tapLines(report));
  else {
    if (!atOnce) for (const result of results) sayResult(result);
    say(verdictLines(report));
  }
  if (signal.aborted) throw new UserError('the run was interrupted; what had been made was removed');
  if (!verdict.decided) throw new UserError(`${verdict.counts.error} specs could not be judged; the report says why`);
  return verdict.conformant ? 0 : 1;
}
