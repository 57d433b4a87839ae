// Every flag of `run`, once: what it takes, what it is for, and so whether a file may set it and which command repeats it.
import { LEVELS } from '../../specs/subject/spec';
import { FAIL_ON } from '../report/exit-status';
import { PROFILES } from '../report/profiles';
import { OUTPUT_FORMATS } from '../run/output-format';
import { MAX_SEED } from '../run/random-order';
import { DEFAULT_IMAGE } from '../run/settings';

/**
 * What a flag takes. `path` is of a file or directory, `program` the same or a name that is looked for, `list` the same or
 * the name of a list that comes along, `mapping` ends in a path after `=`; `words` may be given again and again.
 */
export type FlagKind = 'string' | 'strings' | 'path' | 'program' | 'list' | 'mapping' | 'number' | 'switch';

/** What a flag is for: the command that repeats one spec has those of `target` and `judging`, the run's `choice` too. */
export type FlagUse = 'target' | 'judging' | 'choice' | 'output';

export interface RunFlag {
  /** Long name, without dashes; also the key in a file. */
  readonly name: string;
  readonly kind: FlagKind;
  readonly use: FlagUse;
  /** As the help calls what it takes. */
  readonly takes?: string;
  readonly help: string;
  readonly choices?: readonly string[];
  /** Of a number: whole ones only, both ends belong to it; without it any above 0. */
  readonly range?: readonly [from: number, to: number];
  /** Of this command line alone, and so no key of a file. */
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
    help: 'argument that it is given before those of the suite; repeatable',
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
    help: 'PEM by which the kubelet is known',
  },
  { name: 'client-certificate', kind: 'path', use: 'target', takes: 'file', help: 'PEM to show to the kubelet' },
  { name: 'client-key', kind: 'path', use: 'target', takes: 'file', help: 'its key, PEM' },
  { name: 'token', kind: 'string', use: 'target', takes: 'token', help: 'bearer token for the kubelet' },
  {
    name: 'token-file',
    kind: 'path',
    use: 'target',
    takes: 'file',
    help: 'file with it, which other users of this machine do not see in a list of processes',
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
    help: 'where the kubelet takes static pods: the suite puts its own there',
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
    help: 'version of the kubelet, where it does not say it, or the fake to play',
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
    help: 'let the built-in fakes use a liberty of the standard; repeatable',
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
    help: 'what "conformant" means',
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
    help: 'how many specs run at a time (default: 4 on the built-in fakes)',
    range: [1, 64],
  },
  { name: 'timeout', kind: 'number', use: 'judging', takes: 'seconds', help: 'longest that one spec may take' },
  {
    // The seed that a run came to have is in every command that repeats it, given or not.
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
    help: 'write the report there: results.json, junit.xml, report.md, report.html',
  },
  {
    name: 'sonobuoy',
    kind: 'switch',
    use: 'output',
    help: 'write it where Sonobuoy takes it from ($SONOBUOY_RESULTS_DIR)',
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

/** What was given, by the names of the flags in camel case. */
export type RunFlags = {
  readonly [Flag in (typeof RUN_FLAGS)[number] as Camel<Flag['name']>]?: ValueOf<Flag['kind']>;
};

/** Whatever the flags are. */
export type GivenFlags = Readonly<Record<string, unknown>>;

export const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const typed = ({ name, kind }: RunFlag, value: unknown): string[] => {
  if (value === undefined || value === false) return [];
  if (kind === 'switch') return [`--${name}`];
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    const word = String(one);
    // Else a word that looks like a flag would be taken for one.
    return word.startsWith('-') ? [`--${name}=${word}`] : [`--${name}`, word];
  });
};

/** The flags of some uses that were given, as a person would type them again. */
export const asCommandLine = (given: GivenFlags, ...uses: readonly FlagUse[]): string[] =>
  uses.flatMap((use) =>
    RUN_FLAGS.filter((flag) => flag.use === use).flatMap((flag) => typed(flag, given[camelCase(flag.name)])),
  );
