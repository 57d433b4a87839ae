// Tests that the probe does not wait forever for the first response.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { HttpAnswer, HttpQuery } from '../../../specs/subject/http';
import { probeKubelet } from './probe-kubelet';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a kubelet that accepts connections and never answers is given up after ten seconds', async () => {
  const asked: (AbortSignal | undefined)[] = [];
  const request = ({ signal }: HttpQuery) => {
    asked.push(signal);
    return new Promise<HttpAnswer>((_, reject) =>
      signal?.addEventListener('abort', () => reject(new Error('aborted'))),
    );
  };
  const way = { named: '--kubelet-endpoint https://[::1]:1', isDirect: true };
  const probed = probeKubelet({ request }, way, new AbortController().signal).catch((error: unknown) => error);
  jest.advanceTimersByTime(9_999);
  expect(asked.map((signal) => signal?.aborted)).toEqual([false]);
  jest.advanceTimersByTime(1);
  expect(await probed).toMatchObject({
    name: 'UserError',
    message:
      '--kubelet-endpoint https://[::1]:1: no kubelet answers there (no answer in 10 s); start the kubelet, or give the address on which it listens',
  });
});
