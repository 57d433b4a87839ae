// With several workers, specs that share state of a target never run at the same time on it, and each spec runs once.
import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Spec } from '../../specs/subject/spec';
import type { Need } from '../../specs/subject/subject';
import type { Target } from '../targets/target';
import { onWorkers } from './workers';

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

/** Runs the specs and records which specs ran at the same time on the same target. */
async function meetings(specs: readonly Spec[], width: number, target: StubTarget) {
  const seen: { readonly id: string; readonly beside: readonly string[]; readonly target: Target }[] = [];
  await onWorkers(specs, target, width, async ({ id }, worker) => {
    if (!(worker instanceof StubTarget)) throw new Error('not a target of this test');
    worker.running.add(id);
    await setTimeout(5);
    seen.push({ id, beside: [...worker.running].filter((other) => other !== id), target: worker });
    worker.running.delete(id);
  });
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

test('on a single target, only specs that share no state run at the same time', async () => {
  const [shared, independent] = [many(4, 'kubelet'), many(6, 'runtime', 'checkpoint')];
  const seen = await meetings([...shared, ...independent], 3, new StubTarget());
  expect(idsOf(seen)).toEqual(idsOf([...shared, ...independent]));
  const met = new Set(seen.flatMap(({ beside }) => beside));
  expect([...met].some((id) => id.startsWith('runtime'))).toBe(true);
  expect([...met].some((id) => id.startsWith('kubelet'))).toBe(false);
  for (const { id, beside } of seen) if (id.startsWith('kubelet')) expect(beside).toEqual([]);
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
  const ran = onWorkers(specs, first, 2, async ({ id }) => {
    done.push(id);
  });
  await expect(ran).rejects.toThrow('no room');
  expect(done).toEqual(specs.map(({ id }) => id));
});
