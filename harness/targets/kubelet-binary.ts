// Makes a target of a kubelet binary. The suite starts the binary once for each set of circumstances, each time with
// its own fake runtime.
import { randomBytes } from 'node:crypto';
import { Undo } from '../../fakes/base/undo';
import { CriClient } from '../clients/cri-client';
import { type KubeletBinary, kubeletBinary } from './managed/binary';
import { type Isolation, isolation } from './managed/isolation';
import { removePods, requireEmpty } from './managed/leftover-pods';
import { managedKubelets } from './managed/managed-kubelets';
import { startFakeRuntimeSide } from './pair/fake-runtime';
import { ofVersion } from './pair/kubelets';
import { type PairOptions, PairTarget } from './pair/pair-target';
import { foreignRuntime } from './pair/runtime-side';
import { probe, versionOf } from './probe';
import { OUTSIDE } from './runtime-endpoint';
import { NO_ADMIN } from './subject/runtime-admin';
import { SharedRuntime } from './subject/shared-runtime';
import { makeScratch, removeDirectory } from './subject/temporary-directory';
import type { Target } from './target';

/** How long a spec waits for a condition, milliseconds. A real process needs more time than the built-in fakes. */
const PATIENCE_MS = 20_000;

export interface KubeletBinaryOptions {
  readonly kubeletBinary: string;
  readonly kubeletArgs: readonly string[];
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
  readonly runtimeHandler: string;
  readonly image: string;
  readonly sharedDir?: string;
  /**
   * If the binary is the fake kubelet, the version to simulate. Otherwise the version of the kubelet, for a binary that
   * does not print its version.
   */
  readonly kubernetesVersion?: string;
}

type RuntimeHalf = Pick<
  PairOptions,
  'runtime' | 'runtimeOfNode' | 'secondRuntime' | 'isExclusive' | 'nodeName' | 'afterNode'
> & {
  readonly described: string;
  readonly lacks: Readonly<Record<string, string>>;
  readonly found?: Readonly<Record<string, string>>;
};

/**
 * Prepares fake runtimes for a kubelet binary. Each kubelet gets its own runtime, because two kubelets on one runtime
 * stop each other's pods.
 */
async function fakeHalf({ image }: KubeletBinaryOptions, undo: Undo): Promise<RuntimeHalf> {
  const runtime = await startFakeRuntimeSide(image);
  undo.add(() => runtime.close());
  const another = () => startFakeRuntimeSide(image);
  return { runtime, runtimeOfNode: another, secondRuntime: another, described: 'built-in fake', lacks: {} };
}

/**
 * Prepares a runtime of the user for a kubelet binary. Only one kubelet at a time uses the runtime, and the runtime
 * must contain no other pods.
 */
async function foreignHalf(
  options: KubeletBinaryOptions,
  runtimeEndpoint: string,
  scratch: string,
  undo: Undo,
): Promise<RuntimeHalf> {
  const imageEndpoint = options.imageEndpoint ?? runtimeEndpoint;
  const cri = new CriClient(runtimeEndpoint, imageEndpoint);
  undo.add(() => cri.close());
  const described = await versionOf(cri, runtimeEndpoint);
  await requireEmpty(cri, runtimeEndpoint);
  const { image, runtimeHandler } = options;
  const shared = new SharedRuntime({ client: cri, scratch, image, runtimeHandler, admin: NO_ADMIN });
  undo.add(() => shared[Symbol.asyncDispose]());
  const probed = await probe(shared, runtimeEndpoint);
  // Remove these pods first, because a kubelet stops pods that it did not create.
  await shared.empty();
  // The random part of the node name identifies the pods of this run, which remain after their kubelet has ended.
  const run = randomBytes(4).toString('hex');
  return {
    runtime: foreignRuntime(runtimeEndpoint, imageEndpoint),
    isExclusive: true,
    nodeName: (number) => `ckptest-${run}-${number}`,
    afterNode: (name) => removePods(cri, name),
    described,
    lacks: {
      'call-log': OUTSIDE,
      'runtime-faults': OUTSIDE,
      'runtime-restart': OUTSIDE,
      ...probed.lacks,
      runtime:
        'a kubelet stops every pod that it does not know, so the suite can create nothing in its runtime; omit --kubelet-binary to test the runtime',
    },
    found: probed.found,
  };
}

const versionText = ({ version, isFake }: KubeletBinary, { kubernetesVersion }: KubeletBinaryOptions) =>
  (isFake ? kubernetesVersion : undefined) ?? version ?? kubernetesVersion ?? 'of unknown version';

function lacksOf({ version, isFake }: KubeletBinary, { isComplete }: Isolation) {
  return {
    ...(isFake
      ? {}
      : {
          'kubelet-version': `the binary has ${version === undefined ? 'an unknown version' : `version ${version}`} and cannot play another one`,
        }),
    ...(isComplete
      ? {}
      : {
          'default-root-directory':
            'a kubelet without a configured root directory writes to /var/lib/kubelet of this machine, and only root with unshare can mount another directory over it',
        }),
  };
}

/**
 * Finds the binary, starts one kubelet, and makes a target that uses it.
 *
 * @returns a target that the caller disposes of
 * @throws UserError if the file is not a program or the kubelet does not start
 */
export async function startKubeletBinary(options: KubeletBinaryOptions, signal: AbortSignal): Promise<Target> {
  const { kubeletArgs: args, runtimeEndpoint, runtimeHandler, image } = options;
  const binary = await kubeletBinary(options.kubeletBinary, args, signal);
  const undo = new Undo();
  let target: PairTarget | undefined;
  try {
    const scratch = await makeScratch(options.sharedDir);
    undo.add(() => removeDirectory(scratch));
    const isolated = await isolation([binary.file, scratch, process.execPath]);
    undo.add(async () => isolated[Symbol.asyncDispose]());
    const { described, lacks, found, ...half } = await (runtimeEndpoint === undefined
      ? fakeHalf(options, undo)
      : foreignHalf(options, runtimeEndpoint, scratch, undo));
    target = new PairTarget({
      ...half,
      description: {
        kubelet: `${versionText(binary, options)}, ${binary.file}, started by the suite`,
        runtime: described,
        lacks: { ...lacks, ...lacksOf(binary, isolated) },
        ...(found && { found }),
      },
      runtimeHandler,
      image,
      scratch,
      startKubelet: ofVersion(
        managedKubelets({ binary, args, isolation: isolated }),
        binary.isFake ? options.kubernetesVersion : (binary.version ?? options.kubernetesVersion),
        binary.isFake,
      ),
      signal,
      patienceMs: PATIENCE_MS,
      close: () => undo.run(),
    });
    await target.warmUp();
    return target;
  } catch (error) {
    await (target ? target[Symbol.asyncDispose]() : undo.run());
    throw error;
  }
}
