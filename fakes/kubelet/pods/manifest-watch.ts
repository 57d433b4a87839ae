// Reads the manifests of static pods periodically, and reports the pods that they contain.
import type { Clock } from '../../base/clock';
import { UserError } from '../../base/user-error';
import type { Pod } from './pod';
import type { ManifestReader } from './static-pods';

export interface ManifestWatchOptions {
  readonly reader: ManifestReader;
  readonly clock: Clock;
  readonly intervalSeconds: number;
  /** Called with all pods of the manifests. A pod that has not changed is the same object as before. */
  readonly onPods: (pods: readonly Pod[]) => void;
  /** Called with a sentence for each new problem. */
  readonly warn: (sentence: string) => void;
}

/**
 * Starts to watch.
 * @returns a function that ends the watch
 */
export function watchManifests({ reader, clock, intervalSeconds, onPods, warn }: ManifestWatchOptions): () => void {
  let disarm = () => {};
  let ended = false;
  let lastProblem = '';
  const scan = async () => {
    try {
      const { pods, problems } = await reader.scan();
      if (ended) return;
      lastProblem = '';
      for (const { message } of problems) warn(message);
      onPods(pods);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // If the directory disappears, the pods keep running and the user is warned once.
      if (!ended && error.message !== lastProblem) warn(error.message);
      lastProblem = error.message;
    }
  };
  const arm = () => {
    if (ended) return;
    disarm = clock.after(intervalSeconds * 1000, () => void scan().finally(arm));
  };
  arm();
  return () => {
    ended = true;
    disarm();
  };
}
