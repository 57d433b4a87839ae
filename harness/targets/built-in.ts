// Makes a target of the built-in fakes: a fake runtime behind fake kubelets, both with the chosen deviations.

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
import { NO_ADMIN } from './subject/runtime-admin';
import { SharedRuntime } from './subject/shared-runtime';
import { makeScratch, removeDirectory } from './subject/temporary-directory';
import { type Target, USUAL_PARALLEL } from './target';

/** How long a spec waits for a condition, milliseconds. The fakes act at once, so a longer wait would not help. */
const PATIENCE_MS = 5_000;

export interface BuiltInOptions {
  readonly image: string;
  readonly mutants: readonly string[];
  readonly variants: readonly string[];
  readonly persona?: string;
  /** Version of the kubelet. Default: the latest. */
  readonly kubernetesVersion?: string;
}

/** Loads the catalogue on first use: a run without deviations does not need it. */
const catalogue = (): typeof import('../../fakes/deviations/catalogue') => require('../../fakes/deviations/catalogue');

/**
 * Returns the deviations to apply. Mutants are applied to the `documented` kubelet, which passes every rule, so that
 * only the mutant breaks rules. Without mutants the default kubelet runs.
 */
function chosenDeviations({ mutants, variants, persona }: BuiltInOptions): readonly Deviation[] {
  const base = persona ?? (mutants.length > 0 ? 'documented' : undefined);
  return [
    ...mutants.map((name) => catalogue().deviation('mutant', name)),
    ...variants.map((name) => catalogue().deviation('variant', name)),
    ...(base === undefined ? [] : [catalogue().deviation('persona', base)]),
  ];
}

/** Describes the fakes by the deviations that the user chose. */
function describe({ mutants, variants, persona }: BuiltInOptions): { kubelet: string; runtime: string } {
  const changed = [
    ...mutants.map((name) => `mutant ${name}`),
    ...variants.map((name) => `variant ${name}`),
    ...(persona === undefined ? [] : [`persona ${persona}`]),
  ].join(', ');
  const suffix = changed === '' ? '' : `, with ${changed}`;
  return { kubelet: `built-in fake${suffix}`, runtime: `built-in fake${suffix}` };
}

/**
 * Probes what the runtime of a persona supports. `refusal` is never missing, because the fake can always refuse
 * checkpoints.
 */
async function probed({ image, mutants, persona }: BuiltInOptions, runtimeEndpoint: string, scratch: string) {
  if (persona === undefined || mutants.length > 0) return { lacks: {} };
  const client = new CriClient(runtimeEndpoint);
  const undo = new Undo();
  undo.add(() => client.close());
  try {
    await versionOf(client, runtimeEndpoint);
    const shared = new SharedRuntime({ client, scratch, image, runtimeHandler: '', admin: NO_ADMIN });
    undo.add(() => shared[Symbol.asyncDispose]());
    const { lacks, found, slow } = await probe(shared, runtimeEndpoint);
    const { refusal: _, ...lacking } = lacks;
    return { lacks: lacking, found, slow };
  } finally {
    await undo.run();
  }
}

/** Starts a runtime with the deviations, and prepares the same deviations for the kubelets in front of it. */
async function startFakes(image: string, chosen: readonly Deviation[]) {
  let runtime: FakeRuntimeSide | undefined;
  const control = (): RuntimeControl => {
    if (!runtime) throw new Error('the fake runtime has not started yet');
    return runtime.runtime.control;
  };
  const effectsOf = (mutant: boolean) =>
    chosen.filter(({ kind }) => (kind === 'mutant') === mutant).map((one) => one.effects(control));
  const [mutants, rest] = [effectsOf(true), effectsOf(false)];
  // A mutant may break the faults that a spec sets, so mutants wrap these faults. Variants belong to the runtime, so
  // the faults wrap the variants.
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

/**
 * Starts the built-in fakes.
 *
 * @returns a target that the caller disposes of
 * @throws UserError for an unknown deviation
 */
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
      description: { ...describe(options), ...(await probed(options, side.runtimeEndpoint, scratch)) },
      runtime: side,
      secondRuntime: async () => (await startFakes(image, chosen)).side,
      runtimeHandler: '',
      image,
      scratch,
      startKubelet: ofVersion(startKubelet, options.kubernetesVersion, true),
      patienceMs: PATIENCE_MS,
      another: () => startBuiltIn(options),
      parallel: USUAL_PARALLEL,
      close: () => undo.run(),
    });
  } catch (error) {
    await undo.run();
    throw error;
  }
}
