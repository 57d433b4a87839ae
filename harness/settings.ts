// What a run is told, from where: flag, then environment, then our own file, then /etc/crictl.yaml.

import fs from 'node:fs';
import { UserError } from '../fakes/user-error';
import { errorText } from './error-text';
import type { TargetSettings } from './target-settings';
import type { ProfileName } from './verdict';
import { yaml } from './yaml';

export const DEFAULT_IMAGE = 'docker.io/library/busybox:latest';

export interface RunSettings extends TargetSettings {
  readonly focus?: string;
  readonly skip?: string;
  readonly levels?: readonly string[];
  readonly profile: ProfileName;
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
  readonly output: 'text' | 'json' | 'tap';
  /** Folder for the reports of the run. */
  readonly reportDir?: string;
  /** Folder where Sonobuoy waits for results. */
  readonly sonobuoyDir?: string;
  /** The target's flags as they were given, for the command that repeats a spec. */
  readonly given: readonly string[];
  /** The flags that chose and judged the specs, for the command that repeats the run. */
  readonly chosenBy: readonly string[];
}

/** What may come from a place other than a flag. */
export interface Endpoints {
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
}

/** Keys of our own file: the long flags that name a target. */
const OWN_KEYS = ['runtime-endpoint', 'image-endpoint', 'runtime-handler', 'image', 'profile', 'timeout'] as const;
export type OwnFile = Partial<Record<(typeof OWN_KEYS)[number], string | number>>;

function mapping(file: string): Record<string, unknown> {
  const text = fs.readFileSync(file, 'utf8');
  const document: unknown = yaml().parse(text) ?? {};
  if (typeof document !== 'object' || Array.isArray(document))
    throw new UserError(`${file}: not a mapping of settings`);
  return document as Record<string, unknown>;
}

/** Reads the file of `--config`. Throws a UserError for an unreadable file or an unknown key. */
export function readOwnFile(file: string): OwnFile {
  let document: Record<string, unknown>;
  try {
    document = mapping(file);
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(`--config ${file}: ${errorText(error).split('\n')[0]}`);
  }
  for (const [key, value] of Object.entries(document)) {
    if (!OWN_KEYS.some((known) => known === key))
      throw new UserError(`--config ${file}: unknown key ${key}; known are ${OWN_KEYS.join(', ')}`);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new UserError(`--config ${file}: ${key} is not a word or a number`);
  }
  return document as OwnFile;
}

const word = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What crictl is set to on this machine; a file that crictl itself could not read is left alone. */
export function readCrictlFile(file = '/etc/crictl.yaml'): OwnFile {
  try {
    const { 'runtime-endpoint': runtime, 'image-endpoint': image } = mapping(file);
    return {
      ...(word(runtime) ? { 'runtime-endpoint': word(runtime) } : {}),
      ...(word(image) ? { 'image-endpoint': word(image) } : {}),
    };
  } catch {
    return {};
  }
}

/** The endpoints by flag, environment, own file and crictl's file, in this order. */
export function endpoints(flags: Endpoints, environment: NodeJS.ProcessEnv, own: OwnFile, crictl: OwnFile): Endpoints {
  const choose = (flag: string | undefined, variable: string, key: 'runtime-endpoint' | 'image-endpoint') =>
    flag ?? word(environment[variable]) ?? word(own[key]) ?? word(crictl[key]);
  const runtimeEndpoint = choose(flags.runtimeEndpoint, 'CONTAINER_RUNTIME_ENDPOINT', 'runtime-endpoint');
  const imageEndpoint = choose(flags.imageEndpoint, 'IMAGE_SERVICE_ENDPOINT', 'image-endpoint');
  return { ...(runtimeEndpoint ? { runtimeEndpoint } : {}), ...(imageEndpoint ? { imageEndpoint } : {}) };
}

/** Where Sonobuoy waits for a plugin's results, by its own variable. */
export const sonobuoyFolder = (environment: NodeJS.ProcessEnv): string =>
  environment['SONOBUOY_RESULTS_DIR'] || '/tmp/sonobuoy/results';
