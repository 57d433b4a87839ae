// Declares the options of `run` from the table of flags, and combines flags, environment and file into settings.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { errorText } from '../../fakes/base/error-text';
import { FAIL_ON, type FailOn } from '../report/exit-status';
import { PROFILES, type ProfileName } from '../report/profiles';
import { OUTPUT_FORMATS, type OutputFormat } from '../run/output-format';
import { DEFAULT_IMAGE, endpoints, type RunSettings, readCrictlFile, sonobuoyDirectory } from '../run/settings';
import { numberOf } from './flag-values';
import { readRunFile } from './run-file';
import { asCommandLine, RUN_FLAGS, type RunFlag, type RunFlags } from './run-flags';
import { kubeletTargetSettings } from './target-flags';

/** Default time limit for one spec, seconds. */
const USUAL_TIMEOUT = 120;

const many = (value: string, before: readonly string[] = []) => [...before, value];

function number(flag: RunFlag, text: string): number {
  try {
    return numberOf(flag, text);
  } catch (error) {
    throw new InvalidArgumentError(errorText(error));
  }
}

function optionOf(flag: RunFlag): Option {
  const { name, kind, takes, help, choices } = flag;
  const option = new Option(takes === undefined ? `--${name}` : `--${name} <${takes}>`, help);
  if (kind === 'strings') option.argParser(many);
  if (kind === 'number') option.argParser((text: string) => number(flag, text));
  return choices ? option.choices(choices) : option;
}

export function runOptions(command: Command): Command {
  for (const flag of RUN_FLAGS) command.addOption(optionOf(flag));
  return command;
}

const isProfile = (name: string): name is ProfileName => Object.hasOwn(PROFILES, name);
const isOutput = (name: string): name is OutputFormat => OUTPUT_FORMATS.some((format) => format === name);
const isFailOn = (name: string): name is FailOn => FAIL_ON.some((one) => one === name);

/**
 * Combines flags, file and environment. Absent values are omitted.
 *
 * @param given the flags on the command line
 * @throws UserError if the file or a value is not valid
 */
export function runSettings(given: RunFlags, environment: NodeJS.ProcessEnv): RunSettings {
  const fileFlags: RunFlags = given.config === undefined ? {} : readRunFile(given.config);
  const flags: RunFlags = { ...fileFlags, ...given };
  const kubelet = kubeletTargetSettings({ given, fileFlags, flags }, environment);
  const isKubelet = [kubelet.kubeletBinary, kubelet.kubeletEndpoint, kubelet.node].some((one) => one !== undefined);
  // If the flags name a kubelet, ignore the runtime endpoints in the environment and in crictl's file. They may belong
  // to another runtime.
  const target = isKubelet
    ? endpoints(given, {}, fileFlags, {})
    : endpoints(given, environment, fileFlags, readCrictlFile());
  const usual: ProfileName = isKubelet ? 'kubelet' : target.runtimeEndpoint === undefined ? 'pair' : 'runtime';
  const { profile = '', output = '', failOn = '' } = flags;
  const { focus, skip, level, persona, knownFailures, seed, parallel, maxDuration, reportDir } = flags;
  return {
    ...target,
    runtimeHandler: flags.runtimeHandler ?? '',
    ...(flags.sharedDir !== undefined && { sharedDir: flags.sharedDir }),
    image: flags.image ?? DEFAULT_IMAGE,
    ...kubelet,
    ...(focus !== undefined && { focus }),
    ...(skip !== undefined && { skip }),
    ...(level !== undefined && { levels: level }),
    profile: isProfile(profile) ? profile : usual,
    failOn: isFailOn(failOn) ? failOn : 'must',
    requireComplete: flags.requireComplete ?? false,
    list: flags.list ?? false,
    mutants: flags.mutant ?? [],
    variants: flags.variant ?? [],
    ...(persona !== undefined && { persona }),
    ...(knownFailures !== undefined && { knownFailures }),
    ...(seed !== undefined && { seed }),
    times: flags.repeat ?? 1,
    ...(parallel !== undefined && { parallel }),
    timeoutSeconds: flags.timeout ?? USUAL_TIMEOUT,
    ...(maxDuration !== undefined && { maxDurationSeconds: maxDuration }),
    output: isOutput(output) ? output : 'text',
    ...(reportDir !== undefined && { reportDir }),
    ...(flags.sonobuoy && { sonobuoyDir: sonobuoyDirectory(environment) }),
    given: asCommandLine(given, 'target', 'judging'),
    chosenBy: asCommandLine(given, 'choice'),
  };
}
