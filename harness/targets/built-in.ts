// The built-in fakes as a target: a fake runtime, bent if asked for, behind fake kubelets that are bent alike.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bendKubelet, bendRuntime, combine } from '../../fakes/deviations/bend';
import { deviation } from '../../fakes/deviations/catalogue';
import type { Deviation } from '../../fakes/deviations/deviation';
import type { RuntimeControl } from '../../fakes/runtime/control';
import { type FakeRuntime, startFakeRuntime } from '../../fakes/runtime/server';
import { CriClient } from '../clients/cri-client';
import { FaultSwitch, holdOn } from './fault-switch';
import { PairTarget } from './pair-target';
import { probe, versionOf } from './probe';
import type { Target } from './target';

/** The fakes do at once what they do; what does not come within this time does not come. Milliseconds. */
const PATIENCE_MS = 5_000;

export interface BuiltInOptions {
  readonly image: string;
  readonly mutants: readonly string[];
  readonly variants: readonly string[];
  readonly persona?: string;
}

/** Mutants are told from a kubelet that keeps every documented rule; without one the faithful kubelet runs. */
function chosenDeviations({ mutants, variants, persona }: BuiltInOptions): readonly Deviation[] {
  const base = persona ?? (mutants.length > 0 ? 'documented' : undefined);
  return [
    ...mutants.map((name) => deviation('mutant', name)),
    ...variants.map((name) => deviation('variant', name)),
    ...(base === undefined ? [] : [deviation('persona', base)]),
  ];
}

function describe(chosen: readonly Deviation[]): { kubelet: string; runtime: string } {
  const bent = chosen.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  const suffix = bent === '' ? '' : `, with ${bent}`;
  return { kubelet: `built-in fake${suffix}`, runtime: `built-in fake${suffix}` };
}

/** A persona offers what its runtime offers, but for a refusal, which the fake can always play. */
async function lacksOf({ image, mutants, persona }: BuiltInOptions, runtimeEndpoint: string, scratch: string) {
  if (persona === undefined || mutants.length > 0) return {};
  const client = new CriClient(runtimeEndpoint);
  try {
    await versionOf(client, runtimeEndpoint);
    const { refusal: _, ...lacks } = await probe(client, { runtimeEndpoint, runtimeHandler: '', image }, scratch);
    return lacks;
  } finally {
    client.close();
  }
}

/** Throws a UserError for a deviation that does not exist. */
export async function startBuiltIn(options: BuiltInOptions): Promise<Target> {
  const chosen = chosenDeviations(options);
  let runtime: FakeRuntime | undefined;
  const control = (): RuntimeControl => {
    if (!runtime) throw new Error('the fake runtime has not started yet');
    return runtime.control;
  };
  const faults = new FaultSwitch();
  const bendsOf = (mutant: boolean) =>
    chosen.filter(({ kind }) => (kind === 'mutant') === mutant).map((one) => one.bend(control));
  // A mutant may spoil the faults that a spec asks for; a variant is the runtime's own way, and faults come before it.
  const bends = combine([...bendsOf(true), { answers: faults.wrapper, archive: faults.archive }, ...bendsOf(false)]);
  const scratch = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-'));
  const started = await startFakeRuntime(bendRuntime({ images: [options.image] }, bends));
  runtime = started;
  const hold = holdOn(faults, () => started.calls);
  const close = async () => {
    await started.close();
    await fs.rm(scratch, { recursive: true, force: true });
  };
  const lacks = await lacksOf(options, started.endpoint, scratch).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return new PairTarget({
    description: { ...describe(chosen), lacks },
    runtimeEndpoint: started.endpoint,
    imageEndpoint: started.endpoint,
    runtimeHandler: '',
    image: options.image,
    scratch,
    hold,
    means: {
      refusing: (action) => hold.during('refuses', action),
      slowly: (milliseconds, action) => faults.slowly(milliseconds, action),
      restart: () => started.control.restart(),
    },
    bendKubelet: (kubelet) => bendKubelet(kubelet, bends),
    patienceMs: PATIENCE_MS,
    close,
  });
}
