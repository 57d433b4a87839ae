// Runs one job: starts a runtime, runs the suite on it, and checks the reports.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import { errorText } from '../../../fakes/base/error-text';
import type { RuntimeJob, RuntimeRun } from './catalogue';
import { compareWithExpectation, type Expectation, loadExpectation } from './expectation';
import { ensureImage, type ImageProgress } from './image';
import { judgeFakes } from './judge-fakes';
import { judgeKubectl } from './judge-kubectl';
import { parseReport, type RuntimesReport } from './report';
import { RuntimeContainer, type StartedRuntimeContainer } from './runtime-container';
import { askVersion } from './runtime-version';
import { again, applySecondTry, surprises } from './second-try';
import { runSuite, type SuiteRun } from './suite-run';

/** Everything that a job needs. */
export interface JobContext {
  readonly client: ContainerRuntimeClient;
  /** Directory for reports with the names `NAME-RUN.json`; undefined to write no reports. */
  readonly reportDirectory: string | undefined;
  readonly progress: ImageProgress;
  /** When it is aborted, the job ends early and leaves nothing running. */
  readonly signal: AbortSignal;
}

/**
 * Runs one job.
 *
 * @returns one sentence for each difference
 * @throws Error if the runtime cannot be started
 */
export async function runJob(job: RuntimeJob, context: JobContext): Promise<string[]> {
  const { client, reportDirectory, progress, signal } = context;
  const image = await ensureImage(client, job, progress);
  signal.throwIfAborted();
  const runtime = await new RuntimeContainer(image).start();
  try {
    const { name, version } = await askVersion(runtime.getRuntimeEndpoint());
    progress(`${name} ${version} answers`);
    const expectation = loadExpectation(name, version);
    const differences = job.judges
      ? [...(await judgeKubectl(runtime, progress)), ...(await judgeFakes(runtime, progress))]
      : [];
    signal.throwIfAborted();
    for (const [index, run] of job.runs.entries()) {
      const file = reportDirectory && path.join(reportDirectory, `${job.name}-${index + 1}.json`);
      differences.push(...(await runOnce(runtime, run, expectation, file, context)));
    }
    return differences;
  } finally {
    await runtime[Symbol.asyncDispose]();
  }
}

async function runOnce(
  runtime: StartedRuntimeContainer,
  run: RuntimeRun,
  expectation: Expectation,
  reportFile: string | undefined,
  { progress, signal }: JobContext,
): Promise<string[]> {
  const suite = async (more: readonly string[]) => {
    const args = [...run.arguments, ...more];
    const done = await runSuite(runtime.getRuntimeEndpoint(), runtime.getSharedDirectory(), args, signal);
    signal.throwIfAborted();
    return done;
  };
  const done = await suite([]);
  if (reportFile !== undefined) {
    await writeFile(reportFile, done.standardOutput);
  }
  const seconds = (done.durationMs / 1000).toFixed(1);
  progress(`${run.title}: exit status ${done.exitStatus ?? 'none'} in ${seconds} s`);
  try {
    const first = parseReport(done.standardOutput);
    summarize(first).forEach(progress);
    const surprising = surprises(first, expectation);
    const args = again(surprising);
    if (args === undefined) return judged(run, first, done, expectation);
    const repeated = await suite(args);
    const { report, messages } = applySecondTry(first, parseReport(repeated.standardOutput), surprising);
    messages.forEach(progress);
    // If the second try changed a result, and the first exit status was not the expected one, the exit status of the
    // second try counts.
    const isMended = messages.length > 0 && done.exitStatus !== run.exitStatus;
    return judged(run, report, isMended ? repeated : done, expectation);
  } catch (error) {
    const reason = errorText(error);
    return [`${run.title}: ${reason} ${done.standardError.trim()}`.trim()];
  }
}

/** Compares a run with the exit status in the catalogue and with the expectation. */
function judged(
  run: RuntimeRun,
  report: RuntimesReport,
  { exitStatus, standardError }: SuiteRun,
  expectation: Expectation,
): string[] {
  const ended =
    exitStatus === run.exitStatus
      ? []
      : [`exit status ${exitStatus ?? 'none'} instead of ${run.exitStatus}. ${standardError.trim()}`];
  const differences = run.compared ? compareWithExpectation(report, expectation) : [];
  return [...ended, ...differences].map((difference) => `${run.title}: ${difference}`);
}

/** Returns the counts by status, and the ids of the rules that fail or could not be judged. */
function summarize({ results }: RuntimesReport): string[] {
  const statuses = new Set(results.map(({ status }) => status));
  const counts = [...statuses].map((status) => `${results.filter((row) => row.status === status).length} ${status}`);
  const red = results.filter(({ status }) => status === 'fail' || status === 'error');
  return [`  ${counts.join(', ')}`, ...red.map(({ id, status }) => `  ${status}: ${id}`)];
}
