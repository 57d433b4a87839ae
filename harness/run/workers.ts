// Several specs at a time: on targets of their own, or on one target where they share nothing of it.
import type { Spec } from '../../specs/subject/spec';
import type { Need } from '../../specs/subject/subject';
import type { Target } from '../targets/target';

/**
 * A spec that needs no more than this works on what it makes itself. Others watch or bend what there is once, or, with
 * the logs, tell by them how long a container stood still, which company on the same machine would blur.
 */
const OWN_THINGS: readonly Need[] = ['runtime', 'checkpoint', 'files'];

const sharesNothing = ({ needs }: Spec): boolean => needs.every((need) => OWN_THINGS.includes(need));

type Work = (spec: Spec, target: Target) => Promise<void>;

async function oneByOne(queue: Spec[], target: Target, work: Work): Promise<void> {
  for (let spec = queue.shift(); spec !== undefined; spec = queue.shift()) await work(spec, target);
}

/** Waits for all; rejects with the first that failed, when all have ended. */
async function all(workers: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(workers)).find((worker) => worker.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Works through the specs in their order, so many at a time. */
export async function onWorkers(specs: readonly Spec[], target: Target, width: number, work: Work): Promise<void> {
  const queue = [...specs];
  if (width <= 1) return await oneByOne(queue, target, work);
  const another = target.another?.bind(target);
  if (another === undefined) {
    const [together, alone] = [queue.filter(sharesNothing), queue.filter((spec) => !sharesNothing(spec))];
    await all(Array.from({ length: width }, () => oneByOne(together, target, work)));
    return await oneByOne(alone, target, work);
  }
  // The first result is what somebody waits for: it is of a spec without a kubelet, and other targets start after it.
  const [first] = queue.splice(Math.max(queue.findIndex(sharesNothing), 0), 1);
  if (first) await work(first, target);
  const onAnotherTarget = async () => {
    if (queue.length === 0) return;
    await using other = await another();
    await oneByOne(queue, other, work);
  };
  await all([oneByOne(queue, target, work), ...Array.from({ length: width - 1 }, onAnotherTarget)]);
}
