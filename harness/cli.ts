#!/usr/bin/env node
// The command `ckptest`: flags to settings, settings to a command, its end to an exit status.
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isNativeError } from 'node:util/types';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { errorText } from '../fakes/base/error-text';
import { UserError } from '../fakes/base/user-error';
import packageJson from '../package.json';
import { LEVELS } from '../specs/subject/spec';
import { commands } from './commands/index';
import { addKubeletCommand, kubeletOptions } from './commands/kubelet-options';
import type { OutputStreams } from './commands/run';
import type { RunFlags } from './commands/run-flags';
import { runOptions, runSettings } from './commands/run-options';
import type { ServeSettings } from './commands/serve';
import { redacted } from './report/redact';

/** The suite could not do its work, or was used wrongly. */
const BROKEN = 2;
/** Longest that the removal of what was made may take once somebody ends the program. Milliseconds. */
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
    // So that `kubelet --version` is the kubelet's.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    // Flags as long as a kubelet's leave less than commander's forty columns for words on a usual terminal.
    .configureHelp({ minWidthToWrap: 20 })
    .showHelpAfterError('(see --help)');
  runOptions(ckptest.command('run'))
    .description('run the suite; with no endpoint given, on the built-in fakes')
    .action(async (flags: RunFlags) =>
      finish(await commands.run().run(runSettings(flags, process.env), streams, signal)),
    );
  ckptest
    .command('inspect')
    .description('check and show one checkpoint archive, of containerd, CRI-O or Podman')
    .argument('<file>', 'the archive, a plain tar')
    .addOption(outputOption('text', 'json'))
    .action(async (file: string, flags: { output: 'text' | 'json' }) =>
      finish(await commands.inspect().inspect(file, flags.output, streams.out, signal)),
    );
  ckptest
    .command('diff')
    .description('compare two reports: 1 where something regressed')
    .argument('<before>', 'results.json of the earlier run, or the directory that holds it')
    .argument('<after>', 'the same of the later run')
    .addOption(outputOption('text', 'json'))
    .action(async (before: string, after: string, flags: { output: 'text' | 'json' }) =>
      finish(await commands.diff().diff(before, after, flags.output, streams.out)),
    );
  choiceOptions(ckptest.command('specs'))
    .description('list the catalogue')
    .addOption(outputOption('text', 'json'))
    .action((flags: { focus?: string; skip?: string; level?: string[]; output: 'text' | 'json' }) => {
      const { level, ...rest } = flags;
      commands.specs().specs({ ...rest, ...(level === undefined ? {} : { levels: level }) }, streams.out);
    });
  addKubeletCommand(ckptest, (flags) => commands.kubelet().kubelet(flags, streams, signal));
  kubeletOptions(ckptest.command('serve'))
    .description("keep the fakes running for somebody else's tests")
    .option('--root-dir <dir>', "the kubelet's root directory (default: a private temporary directory)")
    .option('--hostname-override <name>', 'node name, the suffix of static pods', 'node1')
    .option('--port <port>', 'port of the kubelet; 0, the default, takes a free one')
    .option('--api-server', 'a fake API server beside the kubelet, which asks it who may do what')
    .option('--api-server-policy <file>', 'its tokens and rules, YAML')
    .option('--runtime-only', 'only the fake runtime')
    .option('--kubelet-only', 'only the fake kubelet, on --container-runtime-endpoint')
    .option('--runtime-listen <uri>', 'where the fake runtime listens, such as unix:///run/fake.sock')
    .option(
      '--image <reference>',
      'image that the fake runtime holds from the start, or REFERENCE=ARCHIVE for one made from a checkpoint; repeatable',
      many,
    )
    .option('--persona <name>', 'behave as a known runtime, such as containerd-2.1 or cri-o-1.37+disabled')
    .option('--kubelet-persona <name>', 'behave as a known kubelet')
    .option('--faults <file>', 'plan of what goes wrong, YAML')
    .option('--archive-template <file>', 'recorded archive of containerd or CRI-O that checkpoints are made from')
    .addOption(
      new Option(
        '--checkpoint-ms-per-mib <ms>',
        'how long a container stands still for each MiB of its memory while it is checkpointed (default: 0)',
      ).argParser(milliseconds),
    )
    .option('--control-address <host:port>', 'serve calls, faults, pods and the clock over HTTP on loopback')
    .addOption(outputOption('text', 'json'))
    .action((flags: ServeSettings) => commands.serve().serve(flags, streams, signal));
  return ckptest;
}

/** A sentence for the user; whatever makes a directory of its own may find that TMPDIR takes none. */
function sentenceOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (isNativeError(error) && 'syscall' in error && error.syscall === 'mkdtemp')
    return `no temporary directory can be made in ${tmpdir()} (${error.message}); set TMPDIR to a directory that can be written to`;
  return `this should not have happened: ${errorText(error)}`;
}

/** Runs one command line; returns the exit status and never throws. */
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
    // It may quote what a target said.
    streams.err.write(`ckptest: ${redacted(said)}\n`);
    if (process.env['CKPTEST_DEBUG'] && error instanceof Error) streams.err.write(`${error.stack}\n`);
    return BROKEN;
  }
}

/** By the name of `kubelet` this is the kubelet command, so that a link makes a stand-in for a kubelet binary. */
const argumentsOf = ([, program = '', ...args]: readonly string[]) =>
  path.basename(program) === 'kubelet' ? ['kubelet', ...args] : args;

if (require.main === module) {
  const interrupted = new AbortController();
  const ending = () => {
    if (interrupted.signal.aborted) process.stderr.write('ckptest: still removing what was made\n');
    else setTimeout(() => process.exit(BROKEN), MAX_END_MS).unref();
    interrupted.abort();
  };
  // Who ends this a second time would leave pods behind if the removal ended with it.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ending);
  let isLost = false;
  // A reader that has seen enough, such as `head`, ends the run as somebody at the keyboard does.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupted.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return;
    isLost = true;
    process.exitCode = BROKEN;
    process.stderr.write(`ckptest: standard output cannot be written to (${error.code}): send it elsewhere\n`);
  });
  void main(argumentsOf(process.argv), { out: process.stdout, err: process.stderr }, interrupted.signal).then(
    (status) => {
      if (!isLost) process.exitCode = status;
    },
  );
}
