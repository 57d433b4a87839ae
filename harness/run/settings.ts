// Defines the settings of a run. An endpoint comes from a flag, an environment variable, the file of `--config`, or
// /etc/crictl.yaml; the first source that has it counts.

import fs from 'node:fs';
import { endpointUrl } from '../../fakes/base/endpoint-url';
import { yamlValue } from '../../fakes/base/yaml-text';
import type { FailOn } from '../report/exit-status';
import type { ProfileName } from '../report/profiles';
import type { TargetSettings } from '../targets/target-settings';
import type { OutputFormat } from './output-format';

export const DEFAULT_IMAGE = 'docker.io/library/busybox:latest';

export interface RunSettings extends TargetSettings {
  readonly focus?: string;
  readonly skip?: string;
  readonly levels?: readonly string[];
  readonly profile: ProfileName;
  /** Which failures make the exit status 1. */
  readonly failOn: FailOn;
  /** Whether the exit status is 1 also if conformance is only partly verified. */
  readonly requireComplete: boolean;
  readonly list: boolean;
  readonly knownFailures?: string;
  /** Seed of the order of the specs. Default: random. */
  readonly seed?: number;
  /** How many times each spec runs. */
  readonly times: number;
  /** How many specs run at once. Default: 4 on the built-in fakes, else 1. */
  readonly parallel?: number;
  /** Time limit for one spec, seconds. */
  readonly timeoutSeconds: number;
  /** Time limit for the whole run, seconds. Default: none. */
  readonly maxDurationSeconds?: number;
  readonly output: OutputFormat;
  /** Directory for the reports of the run. */
  readonly reportDir?: string;
  /** Directory where Sonobuoy waits for results. */
  readonly sonobuoyDir?: string;
  /**
   * The given flags that name the target or change how results are judged. The command that repeats a spec contains
   * these flags.
   */
  readonly given: readonly string[];
  /** The given flags that select specs. The command that repeats the run contains these flags. */
  readonly chosenBy: readonly string[];
}

/** Settings that may come from sources other than flags. */
export interface Endpoints {
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
}

/**
 * Reads a YAML file that contains a mapping.
 *
 * @returns the mapping
 * @throws Error if the file cannot be read or is not a YAML mapping
 */
export function readSettings(file: string): Record<string, unknown> {
  const text = fs.readFileSync(file, 'utf8');
  const document = yamlValue(text) ?? {};
  if (typeof document !== 'object' || Array.isArray(document)) throw new Error('it is not a YAML mapping');
  return document as Record<string, unknown>;
}

const nonEmptyString = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/**
 * Reads the endpoints from the configuration file of crictl.
 *
 * @returns the endpoints; none if the file is absent or invalid, because the suite does not report errors in crictl's
 * own file
 */
export function readCrictlFile(file = '/etc/crictl.yaml'): Endpoints {
  try {
    const { 'runtime-endpoint': runtime, 'image-endpoint': image } = readSettings(file);
    const [runtimeEndpoint, imageEndpoint] = [nonEmptyString(runtime), nonEmptyString(image)];
    return { ...(runtimeEndpoint && { runtimeEndpoint }), ...(imageEndpoint && { imageEndpoint }) };
  } catch {
    return {};
  }
}

/**
 * Chooses each endpoint from the first source that has it: flag, environment variable, file of `--config`, crictl's
 * file.
 *
 * @returns URLs, even for endpoints that were given as the path of a socket
 */
export function endpoints(
  flags: Endpoints,
  environment: NodeJS.ProcessEnv,
  fileSettings: Endpoints,
  crictl: Endpoints,
): Endpoints {
  const choose = (key: keyof Endpoints, variable: string) =>
    flags[key] ?? nonEmptyString(environment[variable]) ?? nonEmptyString(fileSettings[key]) ?? crictl[key];
  const runtimeEndpoint = choose('runtimeEndpoint', 'CONTAINER_RUNTIME_ENDPOINT');
  const imageEndpoint = choose('imageEndpoint', 'IMAGE_SERVICE_ENDPOINT');
  return {
    ...(runtimeEndpoint && { runtimeEndpoint: endpointUrl(runtimeEndpoint) }),
    ...(imageEndpoint && { imageEndpoint: endpointUrl(imageEndpoint) }),
  };
}

/**
 * Returns the directory from which Sonobuoy collects the results of a plugin. Sonobuoy sets an environment variable to
 * the path of this directory.
 */
export const sonobuoyDirectory = (environment: NodeJS.ProcessEnv): string =>
  environment['SONOBUOY_RESULTS_DIR'] || '/tmp/sonobuoy/results';
