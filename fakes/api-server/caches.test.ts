// Tests how long a kubelet caches the decisions of an API server, by default and with configured times.
import { expect, test } from '@jest/globals';
import { ManualClock } from '../base/clock';
import type { FakeKubeletSettings } from '../kubelet/settings';
import { onePodNode } from '../kubelet/testing/one-pod-node';
import { send } from '../kubelet/testing/raw-client';
import { startFakeApiServer } from './server';

const POLICY = {
  tokens: [
    { token: 'a', user: { name: 'ann', groups: [] } },
    { token: 'b', user: { name: 'bob', groups: [] } },
  ],
  rules: [{ users: ['ann'], verbs: ['create'], resources: ['nodes/checkpoint'] }],
};

interface Times {
  /** How long tokens, allowed requests and denied requests are cached, seconds. */
  readonly token: number;
  readonly allowed: number;
  readonly denied: number;
}

test.each<[string, Partial<FakeKubeletSettings>, Times]>([
  ['the default times', {}, { token: 120, allowed: 300, denied: 30 }],
  [
    'the configured times',
    { tokenCacheSeconds: 10, allowedCacheSeconds: 40, deniedCacheSeconds: 20 },
    { token: 10, allowed: 40, denied: 20 },
  ],
])('the caches of a kubelet expire after %s', async (_, configuration, { token, allowed, denied }) => {
  await using node = await onePodNode();
  await using api = await startFakeApiServer({ policy: POLICY });
  const clock = new ManualClock();
  await using kubelet = await node.start({
    clock,
    kubeconfig: api.nodeKubeconfig,
    configuration: { staticPodPath: '', webhookAuthentication: true, authorization: 'Webhook', ...configuration },
  });
  /** Makes a request and returns the kinds of the reviews that it caused. */
  const reviews = async (bearer: string, status: number) => {
    const before = api.reviews.length;
    const headers = { authorization: `Bearer ${bearer}` };
    const answer = await send(kubelet, { method: 'POST', path: '/checkpoint/a/b/c', client: 'none', headers });
    expect(answer.status).toBe(status);
    return api.reviews.slice(before).map(({ url }) => url.replace(/^.*\//, ''));
  };
  const seconds = (count: number) => clock.advance(count * 1000);
  const [TOKEN, ACCESS] = ['tokenreviews', 'subjectaccessreviews'];

  expect(await reviews('a', 404)).toEqual([TOKEN, ACCESS]);
  expect(await reviews('b', 403)).toEqual([TOKEN, ACCESS]);
  expect(await reviews('?', 401)).toEqual([TOKEN]);
  for (const [bearer, status] of [
    ['a', 404],
    ['b', 403],
    ['?', 401],
  ] as const) {
    expect(await reviews(bearer, status)).toEqual([]);
  }
  // Each cache is checked just before and just after it expires.
  const ends = [
    { at: denied, bearer: 'b', status: 403, kind: ACCESS },
    { at: token, bearer: '?', status: 401, kind: TOKEN },
    { at: allowed, bearer: 'a', status: 404, kind: ACCESS },
  ].sort((one, other) => one.at - other.at);
  let now = 0;
  for (const { at, bearer, status, kind } of ends) {
    seconds(at - now - 1);
    expect(await reviews(bearer, status)).not.toContain(kind);
    seconds(1);
    expect(await reviews(bearer, status)).toContain(kind);
    now = at;
  }
});
