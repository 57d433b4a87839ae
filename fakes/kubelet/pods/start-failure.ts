// Why a container is not started, in a kubelet's words: the reason and the message of its waiting state.

import { status } from '@grpc/grpc-js';
import { errorText } from '../../base/error-text';
import { CriError } from '../../go/grpc/errors';

export class StartFailure extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** What the runtime said, without the code of the call. */
export function descriptionOf(error: unknown): string {
  if (error instanceof CriError) return error.description;
  return errorText(error);
}

/** A pull's failure keeps its code, unless that says nothing (kubelet, remote image service). */
export function pullFailure(error: unknown): string {
  return error instanceof CriError && error.code !== status.UNKNOWN ? error.message : descriptionOf(error);
}

export const neverPulled = (image: string) =>
  new StartFailure('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`);

/** What kept a container from being created is the runtime's, unless the kubelet itself said no before. */
export function startFailure(error: unknown): { readonly reason: string; readonly message: string } {
  if (error instanceof StartFailure) return error;
  return { reason: 'CreateContainerError', message: descriptionOf(error) };
}
