#!/usr/bin/env node
// The command `ckptest`: parses flags, runs a command, and sets the exit status.
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isNativeError } from 'node:util/types';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { errorText } from '../fakes/base/error-text';
import { UserError } from '../fakes/base/user-error';
import packageJson from '../package.json';
import { LEVELS } from '../specs/subject/spec';
import { commands } from './commands/index';
import type { InspectFlags } from './commands/inspect';
import { addKubeletCommand, kubeletOptions } from './commands/kubelet-options';
import type { OutputStreams } from './commands/run';
import type { RunFlags } from './commands/run-flags';
import { runOptions, runSettings } from './commands/run-options';
import type { ServeSettings } from './commands/serve';
import { redacted } from './report/redact';

/** Exit status if the suite could not finish its work or was used incorrectly. */
const BROKEN = 2;
/** Maximum duration of the clean-up after a signal, milliseconds. After that the program exits. */
const MAX_END_MS = 60_000;

const many = (value: string, before: readonly string[] = []) => [...before, value];

function milliseconds(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number < Number.POSITIVE_INFINITY))
    throw new InvalidArgumentError('give a number of milliseconds, 0 or more');
  return number;
}

const outputOption = (...choices: string[]) =>
  new Option('--output <format>', 'how to print').choices(choices).default('text');
const choiceOptions = (command: Command) =>
  command
    .option('--focus <regexp>', 'only specs whose id matches')
    .option('--skip <regexp>', 'no spec whose id matches')
    .option('--level <level>', `only specs of this level (${LEVELS.join(', ')}); repeatable`, many);

function program(streams: OutputStreams, signal: AbortSignal, finish: (status: number) => void): Command {
  const ckptest = new Command('ckptest')
    .description('A conformance suite for the Kubelet Checkpoint API, with a fake kubelet and a fake CRI runtime')
    .version(packageJson.version)
    // Without this, `ckptest kubelet --version` would print the version of `ckptest`.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    // On a terminal with 80 columns, the long flags of a kubelet leave fewer than 40 columns for descriptions. By
    // default, such narrow columns are not wrapped.
    .configureHelp({ minWidthToWrap: 20 })
    .showHelpAfterError('(see --help)');
  runOptions(ckptest.command('run'))
    .description('run the suite; with no endpoint given, on the built-in fakes')
    .action(async (flags: RunFlags) =>
      finish(await commands.run().run(runSettings(flags, process.env), streams, signal)),
    );
  ckptest
    .command('inspect')
    .description('show checkpoint archives, and what is wrong with them')
    .argument(
      '<file...>',
      'an archive, which may be compressed or in an image; a directory of archives; or - for stdin',
    )
    .addOption(outputOption('text', 'json'))
    .addOption(
      new Option('--severity <level>', 'lowest severity that makes the exit status 1')
        .choices(['error', 'warning', 'note'])
        .default('warning'),
    )
    .option('--html <file>', 'also write a page with a picture of the processes and their memory')
    .option('--diff', 'compare two archives of a container: what happened between two checkpoints')
    .action(async (files: string[], flags: InspectFlags) =>
      finish(await commands.inspect().inspect(files, flags, streams.out, signal)),
    );
  ckptest
    .command('diff')
    .description('compare two reports; the exit status is 1 if something regressed')
    .argument('<before>', 'results.json of the earlier run, or its directory')
    .argument('<after>', 'the same for the later run')
    .addOption(outputOption('text', 'json'))
    .action(async (before: string, after: string, flags: { output: 'text' | 'json' }) =>
      finish(await commands.diff().diff(before, after, flags.output, streams.out)),
    );
  ckptest
    .command('known-failures')
    .description('print the failures of a report as a list for --known-failures, or update a list with them')
    .argument('<report>', 'results.json of a run, or its directory')
    .option('--update <file>', 'list that is updated: reasons, links and expiry dates of its entries are kept')
    .action((report: string, flags: { update?: string }) =>
      commands.knownFailures().knownFailures(report, flags.update, streams),
    );
  choiceOptions(ckptest.command('specs'))
    .description('list the catalogue')
    .addOption(outputOption('text', 'json'))
    .action((flags: { focus?: string; skip?: string; level?: string[]; output: 'text' | 'json' }) => {
      const { level, ...rest } = flags;
      commands.specs().specs({ ...rest, ...(level === undefined ? {} : { levels: level }) }, streams.out);
    });
  ckptest
    .command('personas')
    .description('list the personas, variants and mutants of the fakes')
    .addOption(outputOption('text', 'json'))
    .action((flags: { output: 'text' | 'json' }) => commands.personas().listPersonas(flags.output, streams.out));
  addKubeletCommand(ckptest, (flags) => commands.kubelet().kubelet(flags, streams, signal));
  kubeletOptions(ckptest.command('serve'))
    .description('run the fakes for tests of clients in any language')
    .option('--root-dir <dir>', "the kubelet's root directory (default: a private temporary directory)")
    .option('--hostname-override <name>', 'node name, the suffix of static pods', 'node1')
    .option('--port <port>', 'port of the kubelet; 0, the default, takes a free one')
    .option('--api-server', 'also run a fake API server; the kubelet asks it for authentication and authorization')
    .option('--api-server-policy <file>', 'YAML file with the tokens and rules of the fake API server')
    .option('--detach', 'when started by npm or npx, continue after npm has ended')
    .option('--runtime-only', 'run only the fake runtime')
    .option('--kubelet-only', 'run only the fake kubelet, on --container-runtime-endpoint')
    .option('--runtime-listen <uri>', 'where the fake runtime listens, such as unix:///run/fake.sock')
    .option(
      '--image <reference>',
      'image that the fake runtime has at startup, or REFERENCE=ARCHIVE for an image made from a checkpoint; repeatable',
      many,
    )
    .option('--persona <name>', 'behave as a known runtime, such as containerd-2.1 or cri-o-1.37+disabled')
    .option('--kubelet-persona <name>', 'behave as a known kubelet')
    .option('--faults <file>', 'YAML file with a fault plan')
    .option('--archive-template <file>', 'recorded archive of containerd or CRI-O, used as template for checkpoints')
    .addOption(
      new Option(
        '--checkpoint-ms-per-mib <ms>',
        'how long a checkpoint pauses a container for each MiB of its memory (default: 0)',
      ).argParser(milliseconds),
    )
    .option(
      '--control-address <host:port>',
      'control calls, faults, pods and the clock over HTTP; without a token only on a loopback address',
    )
    .option(
      '--control-token-file <file>',
      'file with the token that requests to the control address must have; allows an address beyond loopback',
    )
    .option(
      '--control-directory <dir>',
      'directory whose files the pods and images of the control address may use; repeatable (default: none)',
      many,
    )
    .addOption(outputOption('text', 'json'))
    .action((flags: ServeSettings) => commands.serve().serve(flags, streams, signal));
  return ckptest;
}

/**
 * Returns the message for an error. Any command can fail to create a temporary directory, so this function also has a
 * message for that failure.
 */
function sentenceOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (isNativeError(error) && 'syscall' in error && error.syscall === 'mkdtemp')
    return `no temporary directory can be created in ${tmpdir()} (${error.message}); set TMPDIR to a writable directory`;
  return `internal error: ${errorText(error)}`;
}

/**
 * Runs one command line.
 *
 * @param args arguments without the program name
 * @returns a promise of the exit status; the promise never rejects
 */
export async function main(args: readonly string[], streams: OutputStreams, signal: AbortSignal): Promise<number> {
  let status = 0;
  try {
    await program(streams, signal, (given) => {
      status = given;
    }).parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BROKEN;
    const said = sentenceOf(error);
    // Redact the message, because it may quote a target.
    streams.err.write(`ckptest: ${redacted(said)}\n`);
    if (process.env['CKPTEST_DEBUG'] && error instanceof Error) streams.err.write(`${error.stack}\n`);
    return BROKEN;
  }
}

/**
 * Returns the arguments of the command. If the program's name is `kubelet`, adds the command `kubelet`, so that a link
 * with this name can replace a kubelet binary.
 */
const argumentsOf = ([, program = '', ...args]: readonly string[]) =>
  path.basename(program) === 'kubelet' ? ['kubelet', ...args] : args;

if (require.main === module) {
  const interrupted = new AbortController();
  const ending = () => {
    if (interrupted.signal.aborted) process.stderr.write('ckptest: still removing what was created\n');
    else setTimeout(() => process.exit(BROKEN), MAX_END_MS).unref();
    interrupted.abort();
  };
  // Ignore a second signal: stopping the clean-up would leave pods behind.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ending);
  let isLost = false;
  // If a reader such as `head` closes the pipe, the run is interrupted as by a signal.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupted.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return;
    isLost = true;
    process.exitCode = BROKEN;
    process.stderr.write(`ckptest: standard output cannot be written (${error.code}); redirect it elsewhere\n`);
  });
  void main(argumentsOf(process.argv), { out: process.stdout, err: process.stderr }, interrupted.signal).then(
    (status) => {
      if (!isLost) process.exitCode = status;
    },
  );
}
