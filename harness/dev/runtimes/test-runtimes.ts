// `npm run test:runtimes`: runs the suite on real runtimes in containers. The exit status is 0 if everything is as
// expected, 1 for differences, and 2 for a missing container engine or wrong use.

import { mkdirSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type ContainerRuntimeClient, getContainerRuntimeClient } from 'testcontainers';
import { errorText } from '../../../fakes/base/error-text';
import { RUNTIME_JOBS, type RuntimeJob } from './catalogue';
import { runJob } from './runtime-job';

/** An error that ends the program with one sentence and status 2. */
class Unable extends Error {}

interface Options {
  readonly job: readonly string[];
  readonly reportDir?: string;
}

async function main(commandLine: readonly string[]): Promise<number> {
  const { jobs, reportDirectory } = parseCommandLine(commandLine);
  const client = await findEngine();
  if (process.getuid?.() !== 0) {
    throw new Unable('Only root can read the archives that real runtimes write: run this as root.');
  }
  const { signal } = interruption();
  let differing = 0;
  for (const job of jobs) {
    const progress = (line: string) => say(`${job.name}: ${line}`);
    const differences = await runJob(job, { client, reportDirectory, progress, signal }).catch((error: unknown) => [
      errorText(error),
    ]);
    if (signal.aborted) {
      throw new Unable('Interrupted; everything that was started was stopped.');
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
    throw new Unable(`--job ${unknown.join(', ')}: there is no such job; choose from ${names.join(', ')}.`);
  }
  if (reportDir !== undefined) {
    mkdirSync(reportDir, { recursive: true });
  }
  const jobs = RUNTIME_JOBS.filter(({ name }) => job.includes(name));
  return { jobs, reportDirectory: reportDir };
}

/** Connects to the container engine of DOCKER_HOST, or at its usual sockets. Throws Unable if no engine answers. */
async function findEngine(): Promise<ContainerRuntimeClient> {
  // Disable the clean-up container of testcontainers, which would have to be pulled. The program does not need it,
  // because it stops everything that it started.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  // Set any host name, because no ports are used. If this machine looks like a container, testcontainers would
  // otherwise look for the gateway of the bridge network.
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

/** Returns a controller that is aborted by SIGINT or SIGTERM. */
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
