// Runs several specs at once. Each worker has its own target, or all workers use one target. Specs that share state
// never run at the same time on one target.
import type { Spec } from '../../specs/subject/spec';
import type { Need } from '../../specs/subject/subject';
import type { Target } from '../targets/target';

/**
 * Needs that do not make specs share state. A spec with any other need uses parts of the target that other specs use
 * too.
 */
const OWN_THINGS: readonly Need[] = [
  'runtime',
  'checkpoint-attempt',
  'checkpoint',
  'restore-attempt',
  'restore',
  'second-runtime',
  'files',
  'log-files',
  'root',
  // Each spec has its own kubelet.
  'kubelet',
  'kubelet-configuration',
  'kubelet-version',
  'client-certificates',
  'read-only-port',
  'raw-connection',
  'severable-runtime',
];

const sharesNothing = ({ needs }: Spec): boolean => needs.every((need) => OWN_THINGS.includes(need));

/** A running spec. */
export interface UnderWay {
  /**
   * Fulfilled when the spec has nothing left to do except wait, or has ended. From then on the next spec may start,
   * even one with `when: 'alone'`.
   */
  readonly free: Promise<void>;
  readonly done: Promise<void>;
}

/** Runs specs for the workers. */
export interface Work {
  /** Runs a spec on a target. */
  run(spec: Spec, target: Target): UnderWay;
  /** Runs a spec while others run. A failure counts only if it occurs again when the spec runs alone. */
  runBeside(spec: Spec, target: Target): Promise<void>;
  /** Returns one function for each spec that failed while others ran. The function runs the spec again. */
  again(target: Target): readonly (() => UnderWay)[];
  /** Waits until everything that earlier specs created on a target was removed. */
  settled(target: Target): Promise<void>;
}

/** Capabilities that affect all other specs while a spec uses them. */
const DISTURBING: readonly Need[] = ['call-log', 'runtime-faults', 'refusal', 'runtime-restart'];

const timeOf = ({ when, needs }: Spec): Spec['when'] =>
  when ?? (needs.some((need) => DISTURBING.includes(need)) ? 'alone' : undefined);

/** Returns the specs whose field `when` has this value, in order. */
const at = (specs: readonly Spec[], when: Spec['when']) => specs.filter((spec) => timeOf(spec) === when);

const lastAtTheEnd = (specs: readonly Spec[]) => [...specs.filter(({ when }) => when !== 'last'), ...at(specs, 'last')];

type RunOne = (spec: Spec, target: Target) => Promise<void>;

async function oneByOne(queue: Spec[], target: Target, run: RunOne): Promise<void> {
  for (let spec = queue.shift(); spec !== undefined; spec = queue.shift()) await run(spec, target);
}

/** Waits until all workers have ended, and rejects with the error of the first failed worker. */
async function all(workers: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(workers)).find((worker) => worker.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Starts each spec when all earlier specs have ended or only wait. Returns a promise for the end of each spec. */
async function alone(
  starts: readonly (() => UnderWay)[],
  target: Target,
  work: Work,
): Promise<readonly Promise<void>[]> {
  const done: Promise<void>[] = [];
  for (const start of starts) {
    await work.settled(target);
    const under = start();
    done.push(under.done);
    // Ignore the error here. It also rejects `done`, where the caller handles it.
    await under.free.catch(() => {});
  }
  return done;
}

/** Runs specs at the same time, but never two specs that use shared parts of the target. */
async function together(specs: readonly Spec[], target: Target, width: number, work: Work): Promise<void> {
  // If the suite cannot create containers, every spec uses the containers of the node.
  const isFree = target.lacks('runtime') === undefined ? sharesNothing : () => false;
  const [own, sharing] = [specs.filter(isFree), specs.filter((spec) => !isFree(spec))];
  const run: RunOne = (spec) => work.runBeside(spec, target);
  const worker = async (index: number) => {
    if (index === 0) await oneByOne(sharing, target, run);
    await oneByOne(own, target, run);
  };
  await all(Array.from({ length: width }, (_, index) => worker(index)));
}

async function onOne(specs: readonly Spec[], target: Target, width: number, work: Work): Promise<void> {
  const starts = (when: Spec['when']) => at(specs, when).map((spec) => () => work.run(spec, target));
  const waiting = await alone(starts('alone'), target, work);
  await all([...waiting, together(at(specs, undefined), target, width, work)]);
  for (const again of work.again(target)) await again().done;
  await all(await alone(starts('last'), target, work));
}

/**
 * Runs each spec. With several workers on one target, first runs the specs that must run alone, then the other specs at
 * the same time. Then repeats alone the specs that failed while others ran. Specs with `when: 'last'` run at the end.
 *
 * @param specs in the order in which they start
 * @param target the target; if it has `another`, each additional worker gets its own target
 * @param width number of workers
 * @param work runs one spec on a target
 */
export async function onWorkers(specs: readonly Spec[], target: Target, width: number, work: Work): Promise<void> {
  const queue = lastAtTheEnd(specs);
  const run: RunOne = async (spec, on) => {
    if (spec.when !== undefined) await work.settled(on);
    await work.run(spec, on).done;
  };
  if (width <= 1) return await oneByOne(queue, target, run);
  const another = target.another?.bind(target);
  if (another === undefined) return await onOne(specs, target, width, work);
  // First run one spec that shares no state, so that the user sees a result before the other targets have started.
  const [first] = queue.splice(Math.max(queue.findIndex(sharesNothing), 0), 1);
  if (first) await run(first, target);
  const onAnotherTarget = async () => {
    if (queue.length === 0) return;
    await using other = await another();
    await oneByOne(queue, other, run);
    await work.settled(other);
  };
  await all([oneByOne(queue, target, run), ...Array.from({ length: width - 1 }, onAnotherTarget)]);
}
