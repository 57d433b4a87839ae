// A real runtime by its CRI socket, behind a fake kubelet: probed first, for what it offers.
import { CriClient } from '../clients/cri-client';
import { fakeKubelets } from './pair/fake-kubelets';
import { PairTarget } from './pair/pair-target';
import { foreignRuntime } from './pair/runtime-side';
import { probe, versionOf } from './probe';
import { makeScratch, removeDirectory } from './subject/temporary-directory';
import type { Target } from './target';

/** A real runtime starts processes and dumps them: it gets time. Milliseconds. */
const PATIENCE_MS = 20_000;

export interface RuntimeEndpointOptions {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  readonly runtimeHandler: string;
  readonly image: string;
}

/** Why a runtime that was named cannot be bent. */
export const OUTSIDE = 'the runtime is a real one, so this cannot be arranged or seen from outside';
const NOT_FAKE = { 'call-log': OUTSIDE, 'runtime-faults': OUTSIDE, 'runtime-restart': OUTSIDE };

/** Throws a UserError where nothing answers, or what answers is no CRI v1 runtime. */
export async function startRuntimeEndpoint(options: RuntimeEndpointOptions): Promise<Target> {
  const scratch = await makeScratch();
  const client = new CriClient(options.runtimeEndpoint, options.imageEndpoint);
  try {
    const version = await versionOf(client, options.runtimeEndpoint);
    const { lacks, found } = await probe(client, options, scratch);
    return new PairTarget({
      runtimeHandler: options.runtimeHandler,
      image: options.image,
      runtime: foreignRuntime(options.runtimeEndpoint, options.imageEndpoint),
      description: { kubelet: 'built-in fake', runtime: version, lacks: { ...NOT_FAKE, ...lacks }, found },
      scratch,
      startKubelet: fakeKubelets((kubelet) => kubelet),
      patienceMs: PATIENCE_MS,
      close: () => removeDirectory(scratch),
    });
  } catch (error) {
    await removeDirectory(scratch);
    throw error;
  } finally {
    client.close();
  }
}
