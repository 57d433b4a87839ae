// Defines the table of all flags of `run`. The table determines which flags a file may set and which flags a repeat
// command contains.
import { LEVELS } from '../../specs/subject/spec';
import { FAIL_ON } from '../report/exit-status';
import { PROFILES } from '../report/profiles';
import { OUTPUT_FORMATS } from '../run/output-format';
import { MAX_SEED } from '../run/random-order';
import { DEFAULT_IMAGE } from '../run/settings';

/**
 * The kind of a flag's value. `path`: a file or directory. `program`: a path, or a name on PATH. `list`: a path, or the
 * name of a built-in list. `mapping`: ends in a path after `=`. `strings`: may be repeated.
 */
export type FlagKind = 'string' | 'strings' | 'path' | 'program' | 'list' | 'mapping' | 'number' | 'switch';

/**
 * The purpose of a flag. The command that repeats one spec contains the flags with the purpose `target` or `judging`.
 * The command that repeats the run also contains the flags with the purpose `choice`.
 */
export type FlagUse = 'target' | 'judging' | 'choice' | 'output';

export interface RunFlag {
  /** Long name without dashes; also the key in a file. */
  readonly name: string;
  readonly kind: FlagKind;
  readonly use: FlagUse;
  /** Name of the value in the help. */
  readonly takes?: string;
  readonly help: string;
  readonly choices?: readonly string[];
  /** For a number: the inclusive range of valid integers. Without a range, any number above 0 is valid. */
  readonly range?: readonly [from: number, to: number];
  /** Valid only on the command line, not in a file. */
  readonly isCommandLineOnly?: boolean;
}

export const RUN_FLAGS = [
  {
    name: 'runtime-endpoint',
    kind: 'string',
    use: 'target',
    takes: 'uri',
    help: 'CRI socket of the runtime under test, such as unix:///run/containerd/containerd.sock',
  },
  {
    name: 'image-endpoint',
    kind: 'string',
    use: 'target',
    takes: 'uri',
    help: 'CRI socket of its image service (default: the runtime endpoint)',
  },
  {
    name: 'runtime-handler',
    kind: 'string',
    use: 'target',
    takes: 'name',
    help: 'runtime handler for the sandboxes of the suite',
  },
  {
    name: 'shared-dir',
    kind: 'path',
    use: 'target',
    takes: 'dir',
    help: 'directory that the target sees at the same path, for archives and logs (default: $TMPDIR)',
  },
  {
    name: 'kubelet-binary',
    kind: 'program',
    use: 'target',
    takes: 'path',
    help: 'kubelet under test, started by the suite once for each configuration',
  },
  {
    name: 'kubelet-arg',
    kind: 'strings',
    use: 'target',
    takes: 'word',
    help: 'argument for the kubelet, before those of the suite; repeatable',
  },
  {
    name: 'kubelet-endpoint',
    kind: 'string',
    use: 'target',
    takes: 'url',
    help: 'kubelet under test that is already running, such as https://node:10250',
  },
  {
    name: 'node',
    kind: 'string',
    use: 'target',
    takes: 'name',
    help: 'node under test, reached through the API server of --kubeconfig',
  },
  {
    name: 'kubeconfig',
    kind: 'path',
    use: 'target',
    takes: 'file',
    help: 'API server and credentials for --node (default: $KUBECONFIG)',
  },
  {
    name: 'certificate-authority',
    kind: 'path',
    use: 'target',
    takes: 'file',
    help: 'authority of the certificate of the kubelet, PEM',
  },
  {
    name: 'client-certificate',
    kind: 'path',
    use: 'target',
    takes: 'file',
    help: 'client certificate for the kubelet, PEM',
  },
  { name: 'client-key', kind: 'path', use: 'target', takes: 'file', help: 'its key, PEM' },
  { name: 'token', kind: 'string', use: 'target', takes: 'token', help: 'bearer token for the kubelet' },
  {
    name: 'token-file',
    kind: 'path',
    use: 'target',
    takes: 'file',
    help: 'file with the token; a token in --token is visible to other users of this machine',
  },
  {
    name: 'insecure-skip-tls-verify',
    kind: 'switch',
    use: 'target',
    help: 'accept any certificate that the kubelet presents',
  },
  {
    name: 'container',
    kind: 'strings',
    use: 'target',
    takes: 'name',
    help: 'NAMESPACE/POD/CONTAINER that may be checkpointed; repeatable',
  },
  {
    name: 'pod-manifest-path',
    kind: 'path',
    use: 'target',
    takes: 'dir',
    help: 'static pod directory of the kubelet; the suite places pods there and removes them',
  },
  {
    name: 'runtime-control',
    kind: 'string',
    use: 'target',
    takes: 'url',
    help: 'control address of the served fake runtime behind the kubelet',
  },
  {
    name: 'checkpoint-dir',
    kind: 'mapping',
    use: 'target',
    takes: 'target[=local]',
    help: 'directory of the node, and its path on this machine if that differs; archives of this run are removed there',
  },
  {
    name: 'kubernetes-version',
    kind: 'string',
    use: 'target',
    takes: 'version',
    help: 'version of the kubelet, if it cannot be found out, or that the fake kubelet plays',
  },
  {
    name: 'image',
    kind: 'string',
    use: 'target',
    takes: 'reference',
    help: `image that the runtime has, with a shell (default: ${DEFAULT_IMAGE})`,
  },
  {
    name: 'persona',
    kind: 'string',
    use: 'target',
    takes: 'name',
    help: 'let the built-in fakes behave as a known kubelet or runtime',
  },
  {
    name: 'mutant',
    kind: 'strings',
    use: 'target',
    takes: 'name',
    help: 'break the built-in fakes in a known way; repeatable',
  },
  {
    name: 'variant',
    kind: 'strings',
    use: 'target',
    takes: 'name',
    help: 'let the built-in fakes do something else that the standard allows; repeatable',
  },
  {
    name: 'config',
    kind: 'path',
    use: 'target',
    takes: 'file',
    help: 'YAML file with settings of this command',
    isCommandLineOnly: true,
  },
  { name: 'focus', kind: 'string', use: 'choice', takes: 'regexp', help: 'only specs whose id matches' },
  { name: 'skip', kind: 'string', use: 'choice', takes: 'regexp', help: 'no spec whose id matches' },
  {
    name: 'level',
    kind: 'strings',
    use: 'choice',
    takes: 'level',
    help: `only specs of this level (${LEVELS.join(', ')}); repeatable`,
  },
  {
    name: 'profile',
    kind: 'string',
    use: 'judging',
    takes: 'name',
    help: 'the rules that decide conformance',
    choices: Object.keys(PROFILES),
  },
  {
    name: 'fail-on',
    kind: 'string',
    use: 'judging',
    takes: 'strength',
    help: 'which failures make the exit status 1 (default: must)',
    choices: FAIL_ON,
  },
  {
    name: 'require-complete',
    kind: 'switch',
    use: 'judging',
    help: 'exit with 1 also if not every required rule could be tried',
  },
  {
    name: 'known-failures',
    kind: 'list',
    use: 'judging',
    takes: 'file',
    help: 'failures that are expected: a YAML list, or the name of one, such as containerd-2.1',
  },
  {
    name: 'repeat',
    kind: 'number',
    use: 'judging',
    takes: 'times',
    help: 'how often each spec runs; a spec that does not pass every time fails',
    range: [1, 1000],
  },
  {
    name: 'parallel',
    kind: 'number',
    use: 'judging',
    takes: 'specs',
    help: 'how many specs run at once (default: 4 on the built-in fakes and on a runtime, else 1)',
    range: [1, 64],
  },
  { name: 'timeout', kind: 'number', use: 'judging', takes: 'seconds', help: 'time limit for one spec (default: 120)' },
  {
    name: 'max-duration',
    kind: 'number',
    use: 'choice',
    takes: 'seconds',
    help: 'end the run after this time, with a report that counts the rules that were not run',
  },
  {
    // The use is not `judging`: every repeat command contains the seed of its run anyway, even if the user did not set
    // a seed.
    name: 'seed',
    kind: 'number',
    use: 'output',
    takes: 'number',
    help: 'seed of the order of the specs (default: random)',
    range: [0, MAX_SEED],
  },
  { name: 'list', kind: 'switch', use: 'output', help: 'list what would run', isCommandLineOnly: true },
  {
    name: 'report-dir',
    kind: 'path',
    use: 'output',
    takes: 'dir',
    help: 'directory for the report: results.json, junit.xml, report.md, report.html',
  },
  {
    name: 'sonobuoy',
    kind: 'switch',
    use: 'output',
    help: 'write the report for Sonobuoy, to $SONOBUOY_RESULTS_DIR',
  },
  {
    name: 'output',
    kind: 'string',
    use: 'output',
    takes: 'format',
    help: 'how to print (default: text)',
    choices: OUTPUT_FORMATS,
  },
] as const satisfies readonly RunFlag[];

type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;
interface Values {
  readonly strings: readonly string[];
  readonly number: number;
  readonly switch: boolean;
}
type ValueOf<Kind extends FlagKind> = Kind extends keyof Values ? Values[Kind] : string;

/** The values of the given flags. Keys are flag names in camel case. */
export type RunFlags = {
  readonly [Flag in (typeof RUN_FLAGS)[number] as Camel<Flag['name']>]?: ValueOf<Flag['kind']>;
};

/** Given flags whose values were not checked yet. */
export type GivenFlags = Readonly<Record<string, unknown>>;

export const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const typed = ({ name, kind }: RunFlag, value: unknown): string[] => {
  if (value === undefined || value === false) return [];
  if (kind === 'switch') return [`--${name}`];
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    const word = String(one);
    // Use `=`, so that a value that begins with a dash is not read as a flag.
    return word.startsWith('-') ? [`--${name}=${word}`] : [`--${name}`, word];
  });
};

/**
 * Returns the given flags of some purposes as command-line arguments.
 *
 * @param uses the purposes, in the order in which the arguments are returned
 */
export const asCommandLine = (given: GivenFlags, ...uses: readonly FlagUse[]): string[] =>
  uses.flatMap((use) =>
    RUN_FLAGS.filter((flag) => flag.use === use).flatMap((flag) => typed(flag, given[camelCase(flag.name)])),
  );
