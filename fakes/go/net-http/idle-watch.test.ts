// What is idle ends; what was idle a short while ago does not.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { IdleWatch } from './idle-watch';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('only what is idle all the time is ended', () => {
  const onLong = jest.fn();
  const watch = new IdleWatch(90, onLong);
  watch.begin();
  jest.advanceTimersByTime(60);
  watch.end();
  watch.begin();
  jest.advanceTimersByTime(60);
  expect(onLong).not.toHaveBeenCalled();
  jest.advanceTimersByTime(30);
  expect(onLong).toHaveBeenCalledTimes(1);
});

test('what is at work, or closed, is not ended', () => {
  const onLong = jest.fn();
  const watch = new IdleWatch(90, onLong);
  watch.begin();
  watch.end();
  jest.advanceTimersByTime(200);
  watch.begin();
  watch.close();
  jest.advanceTimersByTime(200);
  expect(onLong).not.toHaveBeenCalled();
  expect(jest.getTimerCount()).toBe(0);
});
