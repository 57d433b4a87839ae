// `npm run test:runtimes`: the suite on real runtimes in containers. 0 all as expected, 1 not so, 2 no engine or misuse.

import { mkdirSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type ContainerRuntimeClient, getContainerRuntimeClient } from 'testcontainers';
import { errorText } from '../../../fakes/base/error-text';
import { RUNTIME_JOBS, type RuntimeJob } from './catalogue';
import { runJob } from './runtime-job';

/** Ends the program with one sentence and status 2. */
class Unable extends Error {}

interface Options {
  readonly job: readonly string[];
  readonly reportDir?: string;
}

async function main(commandLine: readonly string[]): Promise<number> {
  const { jobs, reportDirectory } = parseCommandLine(commandLine);
  const client = await findEngine();
  if (process.getuid?.() !== 0) {
    throw new Unable('The archives that real runtimes write can be read by root alone: run this as root.');
  }
  const { signal } = interruption();
  let differing = 0;
  for (const job of jobs) {
    const progress = (line: string) => say(`${job.name}: ${line}`);
    const differences = await runJob(job, { client, reportDirectory, progress, signal }).catch((error: unknown) => [
      errorText(error),
    ]);
    if (signal.aborted) {
      throw new Unable('Interrupted; what was started is stopped.');
    }
    for (const difference of differences) {
      say(`${job.name}: NOT AS EXPECTED: ${difference}`);
    }
    differing += differences.length > 0 ? 1 : 0;
  }
  say(`${jobs.length - differing} passed, ${differing} failed`);
  return differing === 0 ? 0 : 1;
}

function parseCommandLine(commandLine: readonly string[]): {
  jobs: readonly RuntimeJob[];
  reportDirectory: string | undefined;
} {
  const names = RUNTIME_JOBS.map(({ name }) => name);
  const command = new Command('test-runtimes')
    .description('Run the suite on real runtimes in containers.')
    .option('--job <name...>', `only these of ${names.join(', ')}`, names)
    .option('--report-dir <dir>', 'keep the reports in this directory')
    .exitOverride();
  const { job, reportDir } = command.parse(commandLine, { from: 'user' }).opts<Options>();
  const unknown = job.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Unable(`--job names ${unknown.join(', ')}, which is none of ${names.join(', ')}.`);
  }
  if (reportDir !== undefined) {
    mkdirSync(reportDir, { recursive: true });
  }
  const jobs = RUNTIME_JOBS.filter(({ name }) => job.includes(name));
  return { jobs, reportDirectory: reportDir };
}

/** The engine that DOCKER_HOST or the usual places give. */
async function findEngine(): Promise<ContainerRuntimeClient> {
  // Its clean-up container would have to be pulled; here everything started is stopped by who started it.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  // On a machine that looks like a container it would ask for the bridge's gateway. No port is used, so any name does.
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= 'localhost';
  try {
    return await getContainerRuntimeClient();
  } catch {
    const host = process.env['DOCKER_HOST'];
    throw new Unable(
      `No Docker Engine answers${host === undefined ? '' : ` at ${host}`}: start one and set DOCKER_HOST; ` +
        'on Debian, DOCKER_HOST=$(harness/dev/runtimes/start-engine.sh) does both.',
    );
  }
}

/** Aborts on the signals that ask a program to end. */
function interruption(): AbortController {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort());
  }
  return controller;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    process.stderr.write(`${errorText(error)}\n`);
    process.exitCode = 2;
  },
);
