// Tests that with several workers, specs that share state never run at the same time on one target, and each spec runs
// once.
import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Spec } from '../../specs/subject/spec';
import type { Need } from '../../specs/subject/subject';
import type { Target } from '../targets/target';
import { onWorkers, type Work } from './workers';

const spec = (id: string, ...needs: Need[]): Spec => ({
  id,
  title: id,
  level: 'contract',
  strength: 'must',
  source: { document: 'a page', id: 'D1', link: 'https://example.org' },
  needs,
  mutants: {},
  check: async () => {},
});

class StubTarget implements Target {
  readonly description = { kubelet: '', runtime: '', lacks: {} };
  readonly running = new Set<string>();
  closed = false;
  constructor(
    readonly another?: () => Promise<Target>,
    readonly isKubeletOnly = false,
  ) {}
  lacks(need: Need): string | undefined {
    return need === 'runtime' && this.isKubeletOnly ? 'there is only a kubelet' : undefined;
  }
  subject(): never {
    throw new Error('no spec of this test has a subject');
  }
  async [Symbol.asyncDispose]() {
    this.closed = true;
  }
}

/** Makes work in which no spec fails and no spec calls `onlyWaits`. */
function workOf(run: (spec: Spec, target: Target) => Promise<void>): Work {
  return {
    run: (spec, target) => {
      const done = run(spec, target);
      return { free: done, done };
    },
    runBeside: run,
    again: () => [],
    settled: async () => {},
  };
}

/** Runs the specs and records which specs ran at the same time on the same target. */
async function meetings(specs: readonly Spec[], width: number, target: StubTarget) {
  const seen: { readonly id: string; readonly beside: readonly string[]; readonly target: Target }[] = [];
  const run = async ({ id }: Spec, worker: Target) => {
    if (!(worker instanceof StubTarget)) throw new Error('not a target of this test');
    worker.running.add(id);
    await setTimeout(5);
    seen.push({ id, beside: [...worker.running].filter((other) => other !== id), target: worker });
    worker.running.delete(id);
  };
  await onWorkers(specs, target, width, workOf(run));
  return seen;
}

const many = (count: number, ...needs: Need[]) =>
  Array.from({ length: count }, (_, n) => spec(`${needs}-${n}`, ...needs));
const idsOf = (specs: readonly { readonly id: string }[]) => specs.map(({ id }) => id).sort();

test('one worker keeps the order', async () => {
  const specs = [...many(2, 'kubelet'), ...many(3, 'runtime')];
  const seen = await meetings(specs, 1, new StubTarget());
  expect(seen.map(({ id }) => id)).toEqual(specs.map(({ id }) => id));
  expect(seen.flatMap(({ beside }) => beside)).toEqual([]);
});

test('without a runtime to create containers in, no two specs run at the same time', async () => {
  const seen = await meetings(many(4, 'checkpoint', 'files'), 4, new StubTarget(undefined, true));
  expect(seen.flatMap(({ beside }) => beside)).toEqual([]);
  expect(seen).toHaveLength(4);
});

/** Specs that run alone. */
const ALONE = ['deadline', 'faults', 'last'];

test('on a single target, specs that share no state run at the same time, together with at most one other spec', async () => {
  const [sharing, own] = [many(6, 'api-server'), many(6, 'runtime', 'checkpoint', 'log-files')];
  const alone: Spec[] = [
    { ...spec('last', 'runtime'), when: 'last' },
    spec('faults', 'runtime', 'runtime-faults'),
    { ...spec('deadline', 'runtime'), when: 'alone' },
  ];
  const specs = [...alone, ...sharing, ...own];
  const seen = await meetings(specs, 3, new StubTarget());
  expect(idsOf(seen)).toEqual(idsOf(specs));
  const besideOf = (prefix: string) => seen.filter(({ id }) => id.startsWith(prefix)).flatMap(({ beside }) => beside);
  expect(besideOf('api-server').some((id) => id.startsWith('runtime'))).toBe(true);
  expect(besideOf('api-server').some((id) => id.startsWith('api-server'))).toBe(false);
  expect(besideOf('runtime').some((id) => id.startsWith('runtime'))).toBe(true);
  expect(ALONE.flatMap(besideOf)).toEqual([]);
  expect([seen[0]?.id, seen[1]?.id, seen.at(-1)?.id]).toEqual(['faults', 'deadline', 'last']);
});

test('with a target for each worker all specs run in parallel, one per target, and the targets are disposed of', async () => {
  const others: StubTarget[] = [];
  const first = new StubTarget(async () => {
    const other = new StubTarget();
    others.push(other);
    return other;
  });
  const specs = many(12, 'kubelet');
  const seen = await meetings(specs, 3, first);
  expect(idsOf(seen)).toEqual(idsOf(specs));
  expect(seen.flatMap(({ beside }) => beside)).toEqual([]);
  expect(new Set(seen.map(({ target }) => target)).size).toBe(3);
  expect(others.map(({ closed }) => closed)).toEqual([true, true]);
  expect(first.closed).toBe(false);
});

test('if a target does not start, the run rejects after the other workers have ended', async () => {
  const first = new StubTarget(() => Promise.reject(new Error('no room')));
  const done: string[] = [];
  const specs = many(3, 'kubelet');
  const run = async ({ id }: Spec) => void done.push(id);
  const ran = onWorkers(specs, first, 2, workOf(run));
  await expect(ran).rejects.toThrow('no room');
  expect(done).toEqual(specs.map(({ id }) => id));
});
