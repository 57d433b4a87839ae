// Only a connection that is idle for the whole time is closed.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { IdleWatch } from './idle-watch';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('calls back only after the whole time without activity', () => {
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

test('does not call back while there is activity, or after it was closed', () => {
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
