// Aborted with the other signal or alone, and no longer linked when its work is done.
import { expect, test } from '@jest/globals';
import { LinkedAbort } from './linked-abort';

test('is aborted with the outer signal, for its reason', () => {
  const outer = new AbortController();
  using linked = new LinkedAbort(outer.signal);
  expect(linked.signal.aborted).toBe(false);
  outer.abort('over');
  expect(linked.signal.reason).toBe('over');
});

test('is aborted from the start where the outer signal is', () => {
  using linked = new LinkedAbort(AbortSignal.abort('over'));
  expect(linked.signal.reason).toBe('over');
});

test('is aborted alone without the outer signal', () => {
  const outer = new AbortController();
  using linked = new LinkedAbort(outer.signal);
  linked.abort('late');
  expect(linked.signal.reason).toBe('late');
  expect(outer.signal.aborted).toBe(false);
});

test('is left alone when its work is done', () => {
  const outer = new AbortController();
  const linked = new LinkedAbort(outer.signal);
  linked[Symbol.dispose]();
  outer.abort('over');
  expect(linked.signal.aborted).toBe(false);
});
