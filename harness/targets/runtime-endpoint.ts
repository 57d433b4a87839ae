// Makes a target of a real runtime. The suite calls the runtime through its CRI socket, and runs fake kubelets in front
// of it. The runtime is probed before specs run.
import { Undo } from '../../fakes/base/undo';
import { CriClient } from '../clients/cri-client';
import { findMissingCalls, kubeletLack, withoutText } from './missing-calls';
import { fakeKubelets } from './pair/fake-kubelets';
import { PairTarget } from './pair/pair-target';
import { foreignRuntime } from './pair/runtime-side';
import { probe, versionOf } from './probe';
import { NO_ADMIN } from './subject/runtime-admin';
import { SharedRuntime } from './subject/shared-runtime';
import { makeScratch, removeDirectory } from './subject/temporary-directory';
import { type Target, USUAL_PARALLEL } from './target';

/**
 * How long a spec waits for a condition, milliseconds. A real runtime needs time to start processes and dump their
 * memory.
 */
const PATIENCE_MS = 20_000;

export interface RuntimeEndpointOptions {
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  readonly runtimeHandler: string;
  readonly image: string;
  readonly sharedDir?: string;
}

/** Why the suite cannot observe or change a runtime of the user. */
export const OUTSIDE = 'the suite cannot observe or change this in a real runtime';
const NOT_FAKE = { 'call-log': OUTSIDE, 'runtime-faults': OUTSIDE, 'runtime-restart': OUTSIDE };

/**
 * Probes a runtime and makes a target that uses it.
 *
 * @returns a target that the caller disposes of
 * @throws UserError if no CRI v1 runtime answers
 */
export async function startRuntimeEndpoint(options: RuntimeEndpointOptions): Promise<Target> {
  const { runtimeEndpoint, imageEndpoint, runtimeHandler, image } = options;
  const undo = new Undo();
  try {
    const scratch = await makeScratch(options.sharedDir);
    undo.add(() => removeDirectory(scratch));
    const client = new CriClient(runtimeEndpoint, imageEndpoint);
    undo.add(() => client.close());
    const version = await versionOf(client, runtimeEndpoint);
    const missingCalls = await findMissingCalls(client, runtimeEndpoint);
    const kubelet = kubeletLack(missingCalls);
    const shared = new SharedRuntime({ client, scratch, image, runtimeHandler, admin: NO_ADMIN, missingCalls });
    undo.add(() => shared[Symbol.asyncDispose]());
    const { lacks, found, slow } = await probe(shared, runtimeEndpoint);
    return new PairTarget({
      runtimeHandler,
      image,
      runtime: foreignRuntime(runtimeEndpoint, imageEndpoint),
      shared,
      description: {
        kubelet: 'built-in fake',
        runtime: `${version}${withoutText(missingCalls)}`,
        lacks: { ...NOT_FAKE, ...lacks, ...(kubelet !== undefined && { kubelet }) },
        found,
        slow,
      },
      scratch,
      startKubelet: fakeKubelets((kubelet) => kubelet),
      patienceMs: PATIENCE_MS,
      parallel: USUAL_PARALLEL,
      close: () => undo.run(),
    });
  } catch (error) {
    await undo.run().catch(() => {});
    throw error;
  }
}
