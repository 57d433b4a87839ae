// Whether a runtime speaks the CRI version that a kubelet needs; said at start, in a sentence.
import { status } from '@grpc/grpc-js';
import { UserError } from '../../base/user-error';
import { CriError, type DialTarget } from '../../go/grpc/errors';
import { requireSocket } from './endpoint';
import type { RuntimeClient } from './runtime-client';

/** How long a runtime may take for its first answer (ms, real time). */
const FIRST_ANSWER_MS = 5000;

/** Throws UserError where there is no runtime, or one without CRI v1. */
export async function requireCriV1(
  runtime: RuntimeClient,
  endpoint: string,
  target: DialTarget,
  timeout: bigint,
): Promise<void> {
  await requireSocket(endpoint, target);
  const signal = AbortSignal.timeout(FIRST_ANSWER_MS);
  try {
    await runtime.call('Version', {}, { timeout, signal });
    return;
  } catch (error) {
    if (!(error instanceof CriError)) throw error;
    if (
      error.code === status.UNIMPLEMENTED &&
      (await runtime.knows('/runtime.v1alpha2.RuntimeService/Version', signal))
    ) {
      throw new UserError(
        `The runtime at ${endpoint} speaks only CRI v1alpha2, and a kubelet needs v1: use a newer runtime (containerd 1.6, CRI-O 1.23 or later).`,
      );
    }
    if (error.code === status.UNIMPLEMENTED) {
      throw new UserError(
        `What answers at ${endpoint} is no CRI runtime (it knows no runtime.v1.RuntimeService): give the CRI socket of a runtime.`,
      );
    }
    if (error.code === status.CANCELLED) {
      throw new UserError(
        `Nothing at ${endpoint} answered as a CRI runtime within ${FIRST_ANSWER_MS / 1000} s: give the CRI socket of a runtime that is up.`,
      );
    }
    throw new UserError(
      `No CRI runtime answers at ${endpoint} (${error.description}): start the runtime or correct the endpoint.`,
    );
  }
}
