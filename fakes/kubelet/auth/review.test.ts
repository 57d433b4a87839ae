// Tests how many times a review is repeated, and with which pauses. The rules are those of Kubernetes clients.
import { expect, test } from '@jest/globals';
import type { Clock } from '../../base/clock';
import type { ApiAnswer } from '../api-client/api-client';
import { ReviewFailure, review } from './review';

type Scripted = number | `${number} after ${string}` | 'reset' | 'refused' | 'yes';

/** Sends a review to an API server with scripted responses; the last response repeats. Pauses take no time. */
async function tried(answers: readonly Scripted[], signal = new AbortController().signal) {
  const pauses: number[] = [];
  const clock: Pick<Clock, 'after' | 'now'> = {
    now: () => 0,
    after: (ms, action) => {
      pauses.push(ms);
      queueMicrotask(action);
      return () => {};
    },
  };
  let requests = 0;
  const post = async (): Promise<ApiAnswer> => {
    const answer = answers[Math.min(requests, answers.length - 1)];
    requests += 1;
    if (answer === 'yes') return { status: 201, body: '{"status":{"allowed":true}}', retryAfter: undefined };
    if (answer === 'reset') throw Object.assign(new Error(), { code: 'ECONNRESET' });
    if (answer === 'refused') throw Object.assign(new Error(), { code: 'ECONNREFUSED' });
    const [status, retryAfter] = String(answer).split(' after ');
    return { status: Number(status), body: '', retryAfter };
  };
  const context = { api: { post }, clock, firstPauseMs: 500 };
  const outcome = await review(context, 'X', '/x', '{}', signal).then(
    (status) => status.flag('allowed'),
    (error: unknown) => (error instanceof ReviewFailure ? error.message : error),
  );
  return { outcome, requests, pauses };
}

const BACK_OFF = [500, 750, 1125, 1687.5];

test.each<[Scripted[], unknown, number, number[]]>([
  [['yes'], true, 1, []],
  [[500, 'reset', 'yes'], true, 3, BACK_OFF.slice(0, 2)],
  [[500], 'status 500', 5, BACK_OFF],
  [[429], 'status 429', 5, BACK_OFF],
  [[504], 'status 504', 5, BACK_OFF],
  [['reset'], 'ECONNRESET', 5, BACK_OFF],
  [[503], 'status 503', 1, []],
  [[403], 'status 403', 1, []],
  [['refused'], 'ECONNREFUSED', 1, []],
  [['503 after 3', '429 after 0', 'yes'], true, 3, [3000, 0]],
  [['403 after 3'], 'status 403', 1, []],
  [['503 after soon'], 'status 503', 1, []],
])(
  'a review with the responses %j is repeated or given up as by a kubelet',
  async (answers, outcome, requests, pauses) => {
    expect(await tried(answers)).toEqual({ outcome, requests, pauses });
  },
);

test('a review is given up if the server is always busy', async () => {
  const { outcome, requests, pauses } = await tried(['503 after 1']);
  expect(outcome).toBe('status 503');
  expect(requests).toBe(5 * 11);
  expect(pauses.filter((ms) => ms !== 1000)).toEqual(BACK_OFF);
});

test('a review is not repeated after its client has disconnected', async () => {
  const { outcome, requests } = await tried([500], AbortSignal.abort());
  expect([outcome, requests]).toEqual(['status 500', 1]);
});
