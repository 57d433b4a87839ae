// Which target a run is for, as its flags say, and which of them go together.
import { UserError } from '../fakes/user-error';

/** All that names a target; what is left out is not given. */
export interface TargetSettings {
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
  readonly runtimeHandler: string;
  readonly image: string;
  readonly mutants: readonly string[];
  readonly variants: readonly string[];
  readonly persona?: string;
  /** Program that the suite starts as a kubelet, and arguments that it is always given. */
  readonly kubeletBinary?: string;
  readonly kubeletArgs: readonly string[];
}

type Kind = 'built-in' | 'runtime' | 'binary';

/** Settings by the flags that make them, and the kinds of target that they go with. */
const GOES_WITH: readonly (readonly [
  flag: string,
  is: (settings: TargetSettings) => boolean,
  kinds: readonly Kind[],
])[] = [
  ['--mutant', ({ mutants }) => mutants.length > 0, ['built-in']],
  ['--variant', ({ variants }) => variants.length > 0, ['built-in']],
  ['--persona', ({ persona }) => persona !== undefined, ['built-in']],
  ['--kubelet-arg', ({ kubeletArgs }) => kubeletArgs.length > 0, ['binary']],
];

const NAMES: Readonly<Record<Kind, string>> = {
  'built-in': 'the built-in fakes',
  runtime: '--runtime-endpoint',
  binary: '--kubelet-binary',
};

function kindOf({ kubeletBinary, runtimeEndpoint }: TargetSettings): Kind {
  if (kubeletBinary !== undefined) return 'binary';
  return runtimeEndpoint === undefined ? 'built-in' : 'runtime';
}

/** The kind of target. Throws a UserError for flags that do not go together. */
export function targetKind(settings: TargetSettings): Kind {
  const kind = kindOf(settings);
  const stray = GOES_WITH.find(([, is, kinds]) => is(settings) && !kinds.includes(kind));
  if (stray) {
    const [flag, , kinds] = stray;
    throw new UserError(
      `${flag} goes with ${kinds.map((one) => NAMES[one]).join(' or ')}, and not with ${NAMES[kind]}: leave one of them out`,
    );
  }
  return kind;
}
