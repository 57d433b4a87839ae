// Looks at the manifests again and again, and tells what pods there are now.
import type { Clock } from '../../base/clock';
import { UserError } from '../../base/user-error';
import type { Pod } from './pod';
import type { ManifestReader } from './static-pods';

export interface ManifestWatchOptions {
  readonly reader: ManifestReader;
  readonly clock: Clock;
  readonly everySeconds: number;
  /** All pods of the manifests; those that did not change are the same as before. */
  readonly onPods: (pods: readonly Pod[]) => void;
  /** One sentence for each thing that is newly wrong. */
  readonly warn: (sentence: string) => void;
}

/** Starts to watch; the returned function ends it. */
export function watchManifests({ reader, clock, everySeconds, onPods, warn }: ManifestWatchOptions): () => void {
  let disarm = () => {};
  let isOver = false;
  let lastTrouble = '';
  const look = async () => {
    try {
      const { pods, problems } = await reader.look();
      if (isOver) return;
      lastTrouble = '';
      for (const { message } of problems) warn(message);
      onPods(pods);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // A directory that went away leaves the pods as they are, and is told of once.
      if (!isOver && error.message !== lastTrouble) warn(error.message);
      lastTrouble = error.message;
    }
  };
  const arm = () => {
    if (isOver) return;
    disarm = clock.after(everySeconds * 1000, () => void look().finally(arm));
  };
  arm();
  return () => {
    isOver = true;
    disarm();
  };
}
