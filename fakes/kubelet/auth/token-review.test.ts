// Tests how long the kubelet waits for the API server's response to a token review.
import { expect, test } from '@jest/globals';
import { ManualClock } from '../../base/clock';
import type { ApiAnswer } from '../api-client/api-client';
import { TokenReviewer } from './token-review';

/** Returns a reviewer whose API server never responds, and the tokens that it received. */
function unanswered() {
  const requests: AbortSignal[] = [];
  const clock = new ManualClock();
  const post = (_path: string, _document: string, signal: AbortSignal) => {
    requests.push(signal);
    return new Promise<ApiAnswer>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const reviewer = new TokenReviewer({ api: { post }, clock, firstPauseMs: 500 }, 120);
  return { reviewer, clock, requests };
}

test('a token is invalid if there is no response within ten seconds', async () => {
  const { reviewer, clock, requests } = unanswered();
  const user = reviewer.userOf('token');
  clock.advance(9_999);
  expect(requests.map(({ aborted }) => aborted)).toEqual([false]);
  clock.advance(1);
  expect(requests.map(({ aborted }) => aborted)).toEqual([true]);
  expect(await user).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('pending reviews end when the kubelet shuts down', async () => {
  const { reviewer, clock } = unanswered();
  const user = reviewer.userOf('token');
  reviewer.close();
  expect(await user).toBeUndefined();
  expect(clock.pending).toBe(0);
});
