// Helps to make stopping and removing idempotent: CRI requires that both succeed if the container or sandbox no longer
// exists.
import { RuntimeError } from '../state/runtime-error';

/**
 * Returns the result of `find`, or undefined if it throws a RuntimeError with the reason `not-found`.
 * @throws any other error of `find`
 */
export function undefinedIfNotFound<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof RuntimeError && error.reason === 'not-found') return undefined;
    throw error;
  }
}
