// What a run is told, from where: flag, then environment, then our own file, then /etc/crictl.yaml.

import fs from 'node:fs';
import { yaml } from '../base/yaml';
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
  /** Whether conformance that is only partly verified makes it 1 too. */
  readonly requireComplete: boolean;
  readonly list: boolean;
  readonly knownFailures?: string;
  /** Of the order that the specs run in; default: one by chance. */
  readonly seed?: number;
  /** How often each spec runs. */
  readonly times: number;
  /** How many specs run at a time; default: as many as are safe and of use. */
  readonly parallel?: number;
  /** Per spec, seconds. */
  readonly timeoutSeconds: number;
  readonly output: OutputFormat;
  /** Directory for the reports of the run. */
  readonly reportDir?: string;
  /** Directory where Sonobuoy waits for results. */
  readonly sonobuoyDir?: string;
  /** The flags of the target and of what is held against it as they were given, for the command that repeats a spec. */
  readonly given: readonly string[];
  /** The flags that chose the specs, for the command that repeats the run. */
  readonly chosenBy: readonly string[];
}

/** What may come from a place other than a flag. */
export interface Endpoints {
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
}

/** A YAML file that holds settings by their names. Throws whatever reading it throws, and an Error for another form. */
export function readSettings(file: string): Record<string, unknown> {
  const text = fs.readFileSync(file, 'utf8');
  const document: unknown = yaml().parse(text) ?? {};
  if (typeof document !== 'object' || Array.isArray(document)) throw new Error('it is no YAML mapping');
  return document as Record<string, unknown>;
}

const nonEmptyString = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** What crictl is set to on this machine; a file that crictl itself could not read is left alone. */
export function readCrictlFile(file = '/etc/crictl.yaml'): Endpoints {
  try {
    const { 'runtime-endpoint': runtime, 'image-endpoint': image } = readSettings(file);
    const [runtimeEndpoint, imageEndpoint] = [nonEmptyString(runtime), nonEmptyString(image)];
    return { ...(runtimeEndpoint && { runtimeEndpoint }), ...(imageEndpoint && { imageEndpoint }) };
  } catch {
    return {};
  }
}

/** The endpoints by flag, environment, own file and crictl's file, in this order. */
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
  return { ...(runtimeEndpoint ? { runtimeEndpoint } : {}), ...(imageEndpoint ? { imageEndpoint } : {}) };
}

/** Where Sonobuoy waits for a plugin's results, by its own variable. */
export const sonobuoyDirectory = (environment: NodeJS.ProcessEnv): string =>
  environment['SONOBUOY_RESULTS_DIR'] || '/tmp/sonobuoy/results';
