// A real runtime as a target: reached by its CRI socket, behind a fake kubelet, and probed before specs run.
import { CriClient } from '../clients/cri-client';
import { fakeKubelets } from './pair/fake-kubelets';
import { PairTarget } from './pair/pair-target';
import { foreignRuntime } from './pair/runtime-side';
import { probe, versionOf } from './probe';
import { makeScratch, removeDirectory } from './subject/temporary-directory';
import type { Target } from './target';

/** How long a spec waits for a condition, milliseconds. A real runtime starts processes and dumps their memory. */
const PATIENCE_MS = 20_000;

export interface RuntimeEndpointOptions {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  readonly runtimeHandler: string;
  readonly image: string;
  readonly sharedDir?: string;
}

/** Why the suite cannot observe or change a runtime of the user. */
export const OUTSIDE = 'the runtime is a real one, so this cannot be arranged or seen from outside';
const NOT_FAKE = { 'call-log': OUTSIDE, 'runtime-faults': OUTSIDE, 'runtime-restart': OUTSIDE };

/**
 * Probes a runtime and makes a target of it.
 *
 * @returns a target that the caller disposes of
 * @throws UserError if no CRI v1 runtime answers
 */
export async function startRuntimeEndpoint(options: RuntimeEndpointOptions): Promise<Target> {
  const scratch = await makeScratch(options.sharedDir);
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
