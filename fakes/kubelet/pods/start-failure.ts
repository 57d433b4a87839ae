// Describes why a container could not be started: the reason and message of its waiting state, with a kubelet's texts.
import { status } from '@grpc/grpc-js';
import { errorText } from '../../base/error-text';
import { CriError } from '../../go/grpc/errors';

/** Thrown if a container cannot be started. */
export class StartFailure extends Error {
  constructor(
    /** A reason as Kubernetes names it, such as `ErrImagePull`. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** Returns the message of an error; for a CRI call, without the status code. */
export function descriptionOf(error: unknown): string {
  if (error instanceof CriError) return error.description;
  return errorText(error);
}

/** Returns the message of a failed pull. It includes the status code unless the code is UNKNOWN, as in a kubelet. */
export function pullFailure(error: unknown): string {
  return error instanceof CriError && error.code !== status.UNKNOWN ? error.message : descriptionOf(error);
}

/** Returns the failure of a container whose image is missing and must not be pulled. */
export const neverPulled = (image: string) =>
  new StartFailure('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`);

/** Returns reason and message of a failure. An error that is not a StartFailure comes from the runtime. */
export function startFailure(error: unknown): { readonly reason: string; readonly message: string } {
  if (error instanceof StartFailure) return error;
  return { reason: 'CreateContainerError', message: descriptionOf(error) };
}
