// Tests that a connection is closed only if it is idle for the whole time.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { IdleWatch } from './idle-watch';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('the callback is called only after the whole time without activity', () => {
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

test('the callback is not called during activity, or after the watch was closed', () => {
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
