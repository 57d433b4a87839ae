// Determines the workloads that annotations or special images choose. They run instead of or before a container's
// command line.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import type { PodSandboxConfig } from '../../../proto/types/runtime/v1/PodSandboxConfig';
import { RuntimeError } from './runtime-error';

/** The prefix of all annotation names, and the registry host of the workload images. */
const DOMAIN = 'ckptest.dev';

/**
 * The annotations without their `ckptest.dev/` prefix, each with the script lines that it adds before the command. The
 * value is looked up in this order: the container's annotation, the pod's annotation `NAME.CONTAINER`, the pod's
 * annotation `NAME`. The pod's annotations are needed because a kubelet passes them only to the sandbox.
 */
const BEFORE: Readonly<Record<string, (value: string) => string>> = {
  /** Memory to allocate, in bytes or with a unit: `4194304`, `4096k`, `4M` or `1G`. */
  'hold-memory': (value) => {
    if (!/^\d+[kMG]?$/.test(value)) {
      const wanted = 'a number of bytes such as 4194304, 4096k, 64M or 1G';
      throw new RuntimeError(
        'invalid',
        `annotation ${DOMAIN}/hold-memory must be ${wanted}, but is ${JSON.stringify(value)}`,
      );
    }
    return `held=$(head -c ${value} /dev/zero | tr '\\0' x)`;
  },
  /** A string in the memory of the first process. */
  'hold-string': (value) => `held_string=${quote(value)}`,
  /** A string in the memory of a child process. */
  'child-string': (value) => `sh -c ${quote(`held_string=${quote(value)}; sleep infinity`)} &`,
  /** `PATH=TEXT`: a file that is written at startup. */
  'write-file': (value) => {
    const [file, text] = halves(value);
    return `echo ${quote(text)} > ${quote(file)}`;
  },
  /** `PATH=TEXT`: a file that stays open after the text was appended to it. */
  'append-file': (value) => {
    const [file, text] = halves(value);
    return `exec 9>>${quote(file)}; echo ${quote(text)} >&9`;
  },
  /** A path: a child process listens on a unix socket there. */
  'listen-unix': (value) => `nc -lkU ${quote(value)} &`,
  /** A path: a child process is connected to the unix socket there. */
  'connect-unix': (value) => `nc -U ${quote(value)} &`,
  /** `true`: the signal TERM does not end the container. */
  'ignore-term': (value) => (value === 'true' ? "trap '' TERM" : 'true'),
};

/**
 * The annotations that replace the command: a shell script, or an exit code and the time until the exit in seconds
 * (default 0).
 */
const SCRIPT = 'script';
const EXIT_CODE = 'exit-code';
const EXIT_AFTER = 'exit-after';

/** The full names of all annotations above. */
export const WORKLOAD_ANNOTATIONS: readonly string[] = [...Object.keys(BEFORE), SCRIPT, EXIT_CODE, EXIT_AFTER].map(
  (key) => `${DOMAIN}/${key}`,
);

/** The scripts of the images in the repositories `ckptest.dev/NAME`, by name. All tags run the same script. */
export const WORKLOAD_IMAGES: Readonly<Record<string, string>> = {
  [`${DOMAIN}/count`]: 'i=0; while true; do echo $i; i=$((i+1)); sleep 1; done',
  [`${DOMAIN}/exit`]: 'exit 0',
  [`${DOMAIN}/crash`]: 'echo crashing >&2; sleep 1; exit 1',
  [`${DOMAIN}/ignore-term`]: "trap '' TERM; while true; do sleep 1; done",
  [`${DOMAIN}/hold-memory`]: "held=$(head -c 64M /dev/zero | tr '\\0' x); echo ready; sleep infinity; true",
  [`${DOMAIN}/idle`]: 'sleep infinity; true',
};

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function halves(value: string): [string, string] {
  const equals = value.indexOf('=');
  return equals < 0 ? [value, ''] : [value.slice(0, equals), value.slice(equals + 1)];
}

export interface ChosenWorkload {
  /** Shell script to run before the command; absent if no annotation adds one. */
  readonly before?: string;
  /** Shell script to run instead of the command. */
  readonly instead?: string;
}

/**
 * Returns the scripts that the annotations of a container and of its pod choose.
 * @throws RuntimeError if the value of an annotation is not valid
 */
export function chosenWorkload(container: ContainerConfig, pod: PodSandboxConfig): ChosenWorkload {
  const own = container.annotations;
  const shared = pod.annotations;
  const name = container.metadata?.name ?? '';
  const value = (key: string) =>
    own[`${DOMAIN}/${key}`] ?? shared[`${DOMAIN}/${key}.${name}`] ?? shared[`${DOMAIN}/${key}`];
  const lines = Object.entries(BEFORE).flatMap(([key, line]) => {
    const asked = value(key);
    return asked === undefined ? [] : [line(asked)];
  });
  const code = value(EXIT_CODE);
  const exit = code === undefined ? undefined : `sleep ${value(EXIT_AFTER) ?? '0'}; exit ${code}`;
  const instead = value(SCRIPT) ?? exit;
  return { ...(lines.length > 0 && { before: lines.join('\n') }), ...(instead !== undefined && { instead }) };
}
