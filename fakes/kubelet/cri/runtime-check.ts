// Checks at startup that a runtime supports the CRI version that a kubelet needs.
import { status } from '@grpc/grpc-js';
import { UserError } from '../../base/user-error';
import { CriError } from '../../go/grpc/errors';
import type { ResolvedOptions } from '../options';
import { parseEndpoint, requireSocket } from './endpoint';
import type { RuntimeClient } from './runtime-client';

/** Time limit for the first response of a runtime, milliseconds of real time. */
const FIRST_RESPONSE_MS = 5000;

/** Returns the error message for a runtime whose first call failed. */
async function problemOf(
  error: CriError,
  runtime: RuntimeClient,
  endpoint: string,
  signal: AbortSignal,
): Promise<string> {
  if (error.code === status.UNIMPLEMENTED) {
    return (await runtime.knows('/runtime.v1alpha2.RuntimeService/Version', signal))
      ? `The runtime at ${endpoint} supports only CRI v1alpha2, but a kubelet needs v1: use a newer runtime (containerd 1.6, CRI-O 1.23 or later).`
      : `The server at ${endpoint} is not a CRI runtime (it does not implement runtime.v1.RuntimeService): give the CRI socket of a runtime.`;
  }
  if (error.code === status.CANCELLED) {
    return `Nothing at ${endpoint} answered as a CRI runtime within ${FIRST_RESPONSE_MS / 1000} s: give the CRI socket of a running runtime.`;
  }
  return `No CRI runtime answers at ${endpoint} (${error.description}): start the runtime or correct the endpoint.`;
}

/**
 * Checks that the runtime supports CRI v1 and that the image service's socket exists.
 * @throws UserError if the runtime does not support CRI v1 or the socket does not exist
 */
export async function requireRuntime(
  runtime: RuntimeClient,
  {
    runtimeEndpoint,
    imageEndpoint,
    requestTimeout: timeout,
  }: Pick<ResolvedOptions, 'runtimeEndpoint' | 'imageEndpoint' | 'requestTimeout'>,
): Promise<void> {
  await requireSocket(runtimeEndpoint, parseEndpoint(runtimeEndpoint));
  const signal = AbortSignal.timeout(FIRST_RESPONSE_MS);
  try {
    await runtime.call('Version', {}, { timeout, signal });
  } catch (error) {
    if (!(error instanceof CriError)) throw error;
    throw new UserError(await problemOf(error, runtime, runtimeEndpoint, signal));
  }
  if (imageEndpoint) await requireSocket(imageEndpoint, parseEndpoint(imageEndpoint));
}
