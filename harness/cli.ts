#!/usr/bin/env node
// The command `ckptest`: flags to settings, settings to a command, its end to an exit status.
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../fakes/user-error';
import packageJson from '../package.json';
import { LEVELS } from '../specs/spec';
import { commands } from './commands/index';
import { addKubeletCommand, kubeletOptions } from './commands/kubelet-options';
import type { Streams } from './commands/run';
import type { ServeSettings } from './commands/serve';
import {
  type KubeletTargetFlags,
  kubeletTargetOptions,
  kubeletTargetPairs,
  kubeletTargetSettings,
} from './commands/target-flags';
import { errorText } from './error-text';
import { LARGEST_SEED } from './order';
import { redacted } from './redact/redact';
import { DEFAULT_IMAGE, endpoints, readCrictlFile, readOwnFile, sonobuoyFolder } from './settings';
import { PROFILES, type ProfileName } from './verdict';

/** The suite could not do its work, or was used wrongly. */
const BROKEN = 2;
/** Longest that the removal of what was made may take once somebody ends the program. Milliseconds. */
const LONGEST_END_MS = 60_000;

const many = (value: string, before: readonly string[] = []) => [...before, value];

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new InvalidArgumentError('give a number of seconds above 0');
  return number;
}

const wholeNumber = (from: number, to: number) => (value: string) => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < from || number > to)
    throw new InvalidArgumentError(`give a whole number from ${from} to ${to}`);
  return number;
};

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

interface RunFlags extends KubeletTargetFlags {
  runtimeEndpoint?: string;
  imageEndpoint?: string;
  runtimeHandler?: string;
  image?: string;
  focus?: string;
  skip?: string;
  level?: string[];
  profile?: ProfileName;
  list?: boolean;
  mutant?: string[];
  variant?: string[];
  persona?: string;
  knownFailures?: string;
  seed?: number;
  repeat?: number;
  parallel?: number;
  timeout?: number;
  reportDir?: string;
  sonobuoy?: boolean;
  config?: string;
  output: 'text' | 'json' | 'tap';
}

type FlagPairs = readonly (readonly [flag: string, value: string | undefined])[];

/** Flags as a person would type them again. */
const typed = (pairs: FlagPairs) => pairs.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));

/** Flags of the target. */
const givenFlags = (flags: RunFlags): string[] => [
  ...typed([
    ['--runtime-endpoint', flags.runtimeEndpoint],
    ['--image-endpoint', flags.imageEndpoint],
    ['--runtime-handler', flags.runtimeHandler],
    ...kubeletTargetPairs(flags),
    ['--image', flags.image],
    ['--persona', flags.persona],
    ['--config', flags.config],
    ...(flags.mutant ?? []).map((name): [string, string] => ['--mutant', name]),
    ...(flags.variant ?? []).map((name): [string, string] => ['--variant', name]),
  ]),
  ...(flags.insecureSkipTlsVerify ? ['--insecure-skip-tls-verify'] : []),
];

/** Flags of the choice and of what is held against it. */
const choosingFlags = (flags: RunFlags): string[] =>
  typed([
    ['--focus', flags.focus],
    ['--skip', flags.skip],
    ...(flags.level ?? []).map((level): [string, string] => ['--level', level]),
    ['--profile', flags.profile],
    ['--known-failures', flags.knownFailures],
    ['--repeat', flags.repeat?.toString()],
    ['--parallel', flags.parallel?.toString()],
    ['--timeout', flags.timeout?.toString()],
  ]);

function runSettings(flags: RunFlags) {
  const own = flags.config === undefined ? {} : readOwnFile(flags.config);
  const kubelet = kubeletTargetSettings(flags, process.env);
  const isKubelet = [kubelet.kubeletBinary, kubelet.kubeletEndpoint, kubelet.node].some((given) => given !== undefined);
  // Whoever names a kubelet does not mean the runtime that this machine's tools are set to.
  const target = isKubelet ? endpoints(flags, {}, own, {}) : endpoints(flags, process.env, own, readCrictlFile());
  const usual: ProfileName = isKubelet ? 'kubelet' : target.runtimeEndpoint === undefined ? 'pair' : 'runtime';
  return {
    ...target,
    runtimeHandler: flags.runtimeHandler ?? String(own['runtime-handler'] ?? ''),
    image: flags.image ?? String(own.image ?? DEFAULT_IMAGE),
    ...kubelet,
    ...(flags.focus === undefined ? {} : { focus: flags.focus }),
    ...(flags.skip === undefined ? {} : { skip: flags.skip }),
    ...(flags.level === undefined ? {} : { levels: flags.level }),
    profile: flags.profile ?? profileOf(own.profile) ?? usual,
    list: flags.list ?? false,
    mutants: flags.mutant ?? [],
    variants: flags.variant ?? [],
    ...(flags.persona === undefined ? {} : { persona: flags.persona }),
    ...(flags.knownFailures === undefined ? {} : { knownFailures: flags.knownFailures }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    times: flags.repeat ?? 1,
    ...(flags.parallel === undefined ? {} : { parallel: flags.parallel }),
    timeoutSeconds: flags.timeout ?? seconds(String(own.timeout ?? 120)),
    output: flags.output,
    ...(flags.reportDir === undefined ? {} : { reportDir: flags.reportDir }),
    ...(flags.sonobuoy ? { sonobuoyDir: sonobuoyFolder(process.env) } : {}),
    given: givenFlags(flags),
    chosenBy: choosingFlags(flags),
  };
}

function profileOf(value: unknown): ProfileName | undefined {
  if (value === undefined) return undefined;
  const name = Object.keys(PROFILES).find((known) => known === value);
  if (name === undefined)
    throw new UserError(`profile ${value}: there is no such profile; choose from ${Object.keys(PROFILES).join(', ')}`);
  return name as ProfileName;
}

function program(streams: Streams, signal: AbortSignal, finish: (status: number) => void): Command {
  const ckptest = new Command('ckptest')
    .description('A conformance suite for the Kubelet Checkpoint API, with a fake kubelet and a fake CRI runtime')
    .version(packageJson.version)
    // So that `kubelet --version` is the kubelet's.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    .showHelpAfterError('(see --help)');
  kubeletTargetOptions(choiceOptions(ckptest.command('run')))
    .description('run the suite; with no endpoint given, on the built-in fakes')
    .option(
      '--runtime-endpoint <uri>',
      'CRI socket of the runtime under test, such as unix:///run/containerd/containerd.sock',
    )
    .option('--image-endpoint <uri>', 'CRI socket of its image service (default: the runtime endpoint)')
    .option('--runtime-handler <name>', 'runtime handler for the sandboxes of the suite')
    .option('--image <reference>', `image that the runtime has, with a shell (default: ${DEFAULT_IMAGE})`)
    .addOption(new Option('--profile <name>', 'what "conformant" means').choices(Object.keys(PROFILES)))
    .option('--list', 'list what would run')
    .option('--mutant <name>', 'break the built-in fakes in a known way; repeatable', many)
    .option('--variant <name>', 'let the built-in fakes use a liberty of the standard; repeatable', many)
    .option('--persona <name>', 'let the built-in fakes behave as a known kubelet or runtime')
    .option(
      '--known-failures <file>',
      'failures that are expected: a YAML list, or the name of one, such as containerd-2.1',
    )
    .option('--seed <number>', 'order of the specs (default: by chance)', wholeNumber(0, LARGEST_SEED))
    .option('--repeat <times>', 'how often each spec runs; one that holds only sometimes fails', wholeNumber(1, 1000))
    .option('--parallel <specs>', 'how many specs run at a time (default: 4 on the built-in fakes)', wholeNumber(1, 64))
    .option('--timeout <seconds>', 'longest that one spec may take', seconds)
    .option('--report-dir <dir>', 'write the report there: results.json, junit.xml, report.md, report.html')
    .option('--sonobuoy', `write it where Sonobuoy takes it from ($SONOBUOY_RESULTS_DIR)`)
    .option('--config <file>', 'YAML file with settings of this command')
    .addOption(outputOption('text', 'json', 'tap'))
    .action(async (flags: RunFlags) => finish(await commands.run().run(runSettings(flags), streams, signal)));
  ckptest
    .command('inspect')
    .description('check and show one checkpoint archive, of containerd, CRI-O or Podman')
    .argument('<file>', 'the archive, a plain tar')
    .addOption(outputOption('text', 'json'))
    .action(async (file: string, flags: { output: 'text' | 'json' }) =>
      finish(await commands.inspect().inspect(file, flags.output, streams.out)),
    );
  ckptest
    .command('diff')
    .description('compare two reports: 1 where something regressed')
    .argument('<before>', 'results.json of the earlier run, or the folder that holds it')
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
    .option('--root-dir <dir>', "the kubelet's root directory (default: a private temporary folder)")
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

/** Runs one command line; returns the exit status and never throws. */
export async function main(words: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  let status = 0;
  try {
    await program(streams, signal, (given) => {
      status = given;
    }).parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BROKEN;
    const said = error instanceof UserError ? error.message : `this should not have happened: ${errorText(error)}`;
    // It may quote what a target said.
    streams.err.write(`ckptest: ${redacted(said)}\n`);
    if (process.env['CKPTEST_DEBUG'] && error instanceof Error) streams.err.write(`${error.stack}\n`);
    return BROKEN;
  }
}

/** By the name of `kubelet` this is the kubelet command, so that a link makes a stand-in for a kubelet binary. */
const wordsOf = ([, program = '', ...words]: readonly string[]) =>
  path.basename(program) === 'kubelet' ? ['kubelet', ...words] : words;

if (require.main === module) {
  const interrupted = new AbortController();
  const ending = () => {
    if (interrupted.signal.aborted) process.stderr.write('ckptest: still removing what was made\n');
    else setTimeout(() => process.exit(BROKEN), LONGEST_END_MS).unref();
    interrupted.abort();
  };
  // Who ends this a second time would leave pods behind if the removal ended with it.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ending);
  // A reader that has seen enough, such as `head`, ends the run as somebody at the keyboard does.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupted.abort());
  void main(wordsOf(process.argv), { out: process.stdout, err: process.stderr }, interrupted.signal).then((status) => {
    process.exitCode = status;
  });
}
