// Runs several specs at once: each worker on its own target, or on one shared target for specs that share no state.
import type { Spec } from '../../specs/subject/spec';
import type { Need } from '../../specs/subject/subject';
import type { Target } from '../targets/target';

/**
 * A spec that needs nothing else uses only what it creates itself. Other specs use shared parts of the target, such as
 * its kubelet or its faults, or measure pauses in logs, which other specs on the same machine would disturb.
 */
const OWN_THINGS: readonly Need[] = ['runtime', 'checkpoint', 'files'];

const sharesNothing = ({ needs }: Spec): boolean => needs.every((need) => OWN_THINGS.includes(need));

type Work = (spec: Spec, target: Target) => Promise<void>;

async function oneByOne(queue: Spec[], target: Target, work: Work): Promise<void> {
  for (let spec = queue.shift(); spec !== undefined; spec = queue.shift()) await work(spec, target);
}

/** Waits for all workers to end, then rejects with the error of the first that failed. */
async function all(workers: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(workers)).find((worker) => worker.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * Runs each spec once.
 *
 * @param specs in the order in which they start
 * @param target the target; if it has `another`, each additional worker gets its own target
 * @param width number of workers
 * @param work runs one spec on a target
 */
export async function onWorkers(specs: readonly Spec[], target: Target, width: number, work: Work): Promise<void> {
  const queue = [...specs];
  if (width <= 1) return await oneByOne(queue, target, work);
  const another = target.another?.bind(target);
  if (another === undefined) {
    // Without a runtime to create containers in, every spec uses those of the node.
    const isFree = target.lacks('runtime') === undefined ? sharesNothing : () => false;
    const [together, alone] = [queue.filter(isFree), queue.filter((spec) => !isFree(spec))];
    await all(Array.from({ length: width }, () => oneByOne(together, target, work)));
    return await oneByOne(alone, target, work);
  }
  // Run a spec without a kubelet first: the user sees the first result sooner, before the other targets start.
  const [first] = queue.splice(Math.max(queue.findIndex(sharesNothing), 0), 1);
  if (first) await work(first, target);
  const onAnotherTarget = async () => {
    if (queue.length === 0) return;
    await using other = await another();
    await oneByOne(queue, other, work);
  };
  await all([oneByOne(queue, target, work), ...Array.from({ length: width - 1 }, onAnotherTarget)]);
}
