// The built-in fakes as a target: a fake runtime, bent if asked for, behind fake kubelets that are bent alike.

import { Undo } from '../../fakes/base/undo';
import { applyToKubelet, applyToRuntime, combine } from '../../fakes/deviations/apply';
import type { Deviation } from '../../fakes/deviations/deviation';
import type { RuntimeControl } from '../../fakes/runtime/control';
import { CriClient } from '../clients/cri-client';
import { fakeKubelets } from './pair/fake-kubelets';
import { type FakeRuntimeSide, type FaultEffects, startFakeRuntimeSide } from './pair/fake-runtime';
import { ofVersion } from './pair/kubelets';
import { PairTarget } from './pair/pair-target';
import type { RuntimeSide } from './pair/runtime-side';
import { probe, versionOf } from './probe';
import { makeScratch, removeDirectory } from './subject/temporary-directory';
import type { Target } from './target';

/** The fakes do at once what they do; what does not come within this time does not come. Milliseconds. */
const PATIENCE_MS = 5_000;

export interface BuiltInOptions {
  readonly image: string;
  readonly mutants: readonly string[];
  readonly variants: readonly string[];
  readonly persona?: string;
  /** Of the kubelet; default: the latest. */
  readonly kubernetesVersion?: string;
}

/** Loaded where a deviation is named. */
const catalogue = (): typeof import('../../fakes/deviations/catalogue') => require('../../fakes/deviations/catalogue');

/** Mutants are told from a kubelet that keeps every documented rule; without one the faithful kubelet runs. */
function chosenDeviations({ mutants, variants, persona }: BuiltInOptions): readonly Deviation[] {
  const base = persona ?? (mutants.length > 0 ? 'documented' : undefined);
  return [
    ...mutants.map((name) => catalogue().deviation('mutant', name)),
    ...variants.map((name) => catalogue().deviation('variant', name)),
    ...(base === undefined ? [] : [catalogue().deviation('persona', base)]),
  ];
}

function describe(chosen: readonly Deviation[]): { kubelet: string; runtime: string } {
  const changed = chosen.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  const suffix = changed === '' ? '' : `, with ${changed}`;
  return { kubelet: `built-in fake${suffix}`, runtime: `built-in fake${suffix}` };
}

/** A persona offers what its runtime offers, but for a refusal, which the fake can always play. */
async function probed({ image, mutants, persona }: BuiltInOptions, runtimeEndpoint: string, scratch: string) {
  if (persona === undefined || mutants.length > 0) return { lacks: {} };
  const client = new CriClient(runtimeEndpoint);
  try {
    await versionOf(client, runtimeEndpoint);
    const { lacks, found } = await probe(client, { runtimeEndpoint, runtimeHandler: '', image }, scratch);
    const { refusal: _, ...lacking } = lacks;
    return { lacks: lacking, found };
  } finally {
    client.close();
  }
}

/** A runtime with the deviations, and what they make of the kubelets in front of it. */
async function startFakes(image: string, chosen: readonly Deviation[]) {
  let runtime: FakeRuntimeSide | undefined;
  const control = (): RuntimeControl => {
    if (!runtime) throw new Error('the fake runtime has not started yet');
    return runtime.runtime.control;
  };
  const effectsOf = (mutant: boolean) =>
    chosen.filter(({ kind }) => (kind === 'mutant') === mutant).map((one) => one.effects(control));
  const [mutants, rest] = [effectsOf(true), effectsOf(false)];
  // A mutant may spoil the faults that a spec asks for; a variant is the runtime's own way, and faults come before it.
  const effects = (faults: FaultEffects = {}) => combine([...mutants, faults, ...rest]);
  const side = await startFakeRuntimeSide(image, (own, faults) => applyToRuntime(own, effects(faults)));
  runtime = side;
  const restart = async () => {
    await side.admin.restart();
    await effects().restarted?.();
  };
  const restarting: RuntimeSide = { ...side, admin: { ...side.admin, restart } };
  return { side: restarting, startKubelet: fakeKubelets((kubelet) => applyToKubelet(kubelet, effects())) };
}

/** Throws a UserError for a deviation that does not exist. */
export async function startBuiltIn(options: BuiltInOptions): Promise<Target> {
  const { image } = options;
  const chosen = chosenDeviations(options);
  const scratch = await makeScratch();
  const undo = new Undo();
  undo.add(() => removeDirectory(scratch));
  try {
    const { side, startKubelet } = await startFakes(image, chosen);
    undo.add(() => side.close());
    return new PairTarget({
      description: { ...describe(chosen), ...(await probed(options, side.runtimeEndpoint, scratch)) },
      runtime: side,
      secondRuntime: async () => (await startFakes(image, chosen)).side,
      runtimeHandler: '',
      image,
      scratch,
      startKubelet: ofVersion(startKubelet, options.kubernetesVersion, true),
      patienceMs: PATIENCE_MS,
      another: () => startBuiltIn(options),
      close: () => undo.run(),
    });
  } catch (error) {
    await undo.run();
    throw error;
  }
}
