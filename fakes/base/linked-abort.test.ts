// Tests that a linked abort follows the outer signal until it is disposed of, and never aborts it.
import { expect, test } from '@jest/globals';
import { LinkedAbort } from './linked-abort';

test('a linked abort is aborted with the outer signal, for the same reason', () => {
  const outer = new AbortController();
  using linked = new LinkedAbort(outer.signal);
  expect(linked.signal.aborted).toBe(false);
  outer.abort('over');
  expect(linked.signal.reason).toBe('over');
});

test('a linked abort is aborted at once if the outer signal is already aborted', () => {
  using linked = new LinkedAbort(AbortSignal.abort('over'));
  expect(linked.signal.reason).toBe('over');
});

test('a linked abort can be aborted while the outer signal is not', () => {
  const outer = new AbortController();
  using linked = new LinkedAbort(outer.signal);
  linked.abort('late');
  expect(linked.signal.reason).toBe('late');
  expect(outer.signal.aborted).toBe(false);
});

test('a linked abort does not follow the outer signal after it was disposed of', () => {
  const outer = new AbortController();
  const linked = new LinkedAbort(outer.signal);
  linked[Symbol.dispose]();
  outer.abort('over');
  expect(linked.signal.aborted).toBe(false);
});
