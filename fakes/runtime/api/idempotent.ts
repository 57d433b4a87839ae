// CRI wants it to be no error to stop or remove what is not there any more.
import { RuntimeError } from '../state/runtime-error';

/** What `find` finds, or undefined where it refuses because there is nothing; other refusals pass. */
export function ifThere<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof RuntimeError && error.reason === 'not-found') return undefined;
    throw error;
  }
}
