// Tests runs. What a spec created is removed while other specs run. A spec that failed beside other specs runs again
// alone. A run that ends early reports this.
import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { expectThat } from '../../specs/subject/expect';
import type { Spec } from '../../specs/subject/spec';
import { LeftBehind } from '../targets/subject/removal';
import type { SpecSubject, Target } from '../targets/target';
import { RunOver } from './attempt';
import { type RunOptions, type RunSeen, runSelected } from './run';

const spec = (id: string, check: Spec['check'], more: Partial<Spec> = {}): Spec => ({
  id,
  title: id,
  level: 'contract',
  strength: 'must',
  source: { document: 'a page', id: 'D1', link: 'https://example.org' },
  needs: ['runtime'],
  mutants: {},
  check,
  ...more,
});

/** Returns a target whose subjects support only `onlyWaits` and a removal that the test defines. */
function targetOf(remove: () => Promise<void> = async () => {}): Target {
  const subject = (onlyWaits = () => {}) =>
    ({
      exchanges: [],
      unanswered: () => undefined,
      onlyWaits,
      [Symbol.asyncDispose]: remove,
    }) satisfies Partial<SpecSubject> as unknown as SpecSubject;
  return {
    description: { kubelet: '', runtime: '', lacks: {} },
    lacks: () => undefined,
    subject,
    [Symbol.asyncDispose]: async () => {},
  };
}

const fails = () => expectThat('rule', false, 'that it holds', 'It does not hold');

async function outcomes(specs: readonly Spec[], target: Target, options: Partial<RunOptions> = {}) {
  const results = await runSelected(specs, target, { timeoutSeconds: 30, repeat: (id) => id, ...options });
  return results.map(({ id, status, attempts }) => [id, status, ...(attempts ? [attempts.join()] : [])]);
}

test('a failure beside others counts only if it comes again alone', async () => {
  let calls = 0;
  const once = spec('once', async () => {
    if (++calls === 1) fails();
  });
  const always = spec('always', async () => fails());
  const alone = spec('alone', async () => fails(), { when: 'alone' });
  const good = spec('good', async () => {});
  expect(await outcomes([once, always, alone, good], targetOf(), { parallel: 3 })).toEqual([
    ['once', 'pass', 'fail,pass'],
    ['always', 'fail', 'fail,fail'],
    ['alone', 'fail'],
    ['good', 'pass'],
  ]);
  calls = 0;
  expect(await outcomes([once], targetOf())).toEqual([['once', 'fail']]);
});

test('a spec that only waits lets those run that run alone, and a run waits for its end', async () => {
  const events: string[] = [];
  let other = () => {};
  const otherRan = new Promise<void>((resolve) => {
    other = resolve;
  });
  const first = spec(
    'first',
    async (subject) => {
      subject.onlyWaits();
      await otherRan;
      events.push('first');
    },
    { when: 'alone' },
  );
  const second = spec(
    'second',
    async () => {
      events.push('second');
      other();
    },
    { when: 'alone' },
  );
  await outcomes([first, second], targetOf(), { parallel: 2 });
  expect(events).toEqual(['second', 'first']);
});

test('the next spec starts while what the one before created is removed, unless it runs alone', async () => {
  const events: string[] = [];
  const target = targetOf(async () => {
    await setTimeout(20);
    events.push('removed');
  });
  const named = (id: string, more: Partial<Spec> = {}) => spec(id, async () => void events.push(id), more);
  await outcomes([named('one'), named('two'), named('three', { when: 'alone' })], target);
  expect(events).toEqual(['one', 'two', 'removed', 'removed', 'three', 'removed']);
});

test('what could not be removed leaves the results as they are, and is told once', async () => {
  const target = targetOf(() => Promise.reject(new LeftBehind(['a sandbox', 'a container'])));
  const specs = [spec('one', async () => {}), spec('two', async () => fails())];
  let seen: RunSeen | undefined;
  const onEnd = (all: RunSeen) => {
    seen = all;
  };
  expect(await outcomes(specs, target, { onEnd })).toEqual([
    ['one', 'pass'],
    ['two', 'fail'],
  ]);
  expect(seen?.left).toEqual(['a sandbox', 'a container', 'a sandbox', 'a container']);
  await expect(outcomes(specs, target)).rejects.toThrow('not everything could be removed: a sandbox; a container');
});

test('a run whose time is over does not judge what is under way, and says why', async () => {
  const end = new AbortController();
  const specs = [
    spec('done', async () => {}),
    spec('under way', () => {
      end.abort(new RunOver('the time is over'));
      return new Promise(() => {});
    }),
    spec('left', async () => {}),
  ];
  const results = await runSelected(specs, targetOf(), { timeoutSeconds: 30, repeat: (id) => id, signal: end.signal });
  expect(results.map(({ status, reason }) => [status, reason])).toEqual([
    ['pass', undefined],
    ['skipped', 'not run: the time is over'],
    ['skipped', 'not run: the time is over'],
  ]);
});
