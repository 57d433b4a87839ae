// Tests that a kubelet that uses an API server sends the recorded reviews for the recorded requests.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeKubelet, startFakeKubelet } from '../kubelet/server';
import { type RecordedRequest, send } from '../kubelet/testing/raw-client';
import { expectRecorded, type RecordedExchange, recording } from '../kubelet/testing/recording';
import { type ScriptedRuntime, startScriptedRuntime } from '../kubelet/testing/scripted-runtime';
import type { Policy } from './policy';
import { type FakeApiServer, startFakeApiServer } from './server';

const TESTDATA = path.join(__dirname, '../kubelet/testdata');
const recorded: {
  readonly reviews: readonly { readonly mode: string; readonly url: string; readonly body: object }[];
} = JSON.parse(readFileSync(path.join(TESTDATA, 'auth-exchanges.json'), 'utf8'));

const ALICE = { name: 'alice', uid: 'u1', groups: ['ops'] };
const POLICY: Policy = {
  tokens: [
    { token: 'admin', user: ALICE },
    { token: 'admin-2', user: ALICE },
    { token: 'nobody', user: { name: 'bob', groups: [] } },
  ],
  rules: [{ users: ['alice'], verbs: ['*'], resources: ['*'] }],
};

let runtime: ScriptedRuntime;
let api: FakeApiServer;
let kubelet: FakeKubelet;
let directory: string;

beforeAll(async () => {
  runtime = await startScriptedRuntime();
  api = await startFakeApiServer({ policy: POLICY });
  directory = await mkdtemp(path.join(tmpdir(), 'auth-'));
  kubelet = await startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(directory, 'root'),
    nodeName: 'node1',
    kubeconfig: api.nodeKubeconfig,
    reviewPauseMs: 1,
    configuration: {
      staticPodPath: path.join(TESTDATA, 'pods'),
      anonymous: true,
      webhookAuthentication: true,
      authorization: 'Webhook',
    },
  });
});

afterAll(async () => {
  await kubelet.close();
  await api.close();
  await runtime[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** Requests whose reviews were recorded, but whose responses were not recorded. */
const OTHER_REQUESTS: readonly (RecordedRequest & { readonly after: string })[] = [
  {
    after: 'token-denied-get',
    method: 'PUT',
    path: '/checkpoint/default/x/y',
    client: 'none',
    headers: { authorization: 'Bearer nobody' },
  },
  {
    after: 'token-denied-healthz',
    method: 'GET',
    path: '/configz',
    client: 'none',
    headers: { authorization: 'Bearer nobody' },
  },
  {
    after: 'token-denied-healthz',
    method: 'GET',
    path: '/metrics',
    client: 'none',
    headers: { authorization: 'Bearer nobody' },
  },
];

test.each(recording('auth-exchanges.json').map((exchange) => [exchange.id, exchange] as const))(
  'the response to %s is as recorded',
  async (id, exchange: RecordedExchange) => {
    api.mode = id.startsWith('api-down') ? 'down' : 'ok';
    await expectRecorded(kubelet, runtime.endpoint, exchange);
    for (const request of OTHER_REQUESTS.filter(({ after }) => after === id))
      expect((await send(kubelet, request)).status).toBe(403);
  },
);

test('a kubelet responds with 500 if the API server fails an access review', async () => {
  api.mode = 'down';
  const answer = await send(kubelet, { method: 'DELETE', path: '/checkpoint/a/b/c', client: 'client certificate' });
  expect(answer).toMatchObject({
    status: 500,
    body: 'Authorization error (user=admin, verb=delete, resource=nodes, subresource=checkpoint)',
  });
});

test('the reviews are the recorded ones, in the same order', () => {
  const digest = /X509SHA256=[0-9a-f]{64}/g;
  const plain = (value: unknown) => JSON.stringify(value).replace(digest, 'X509SHA256=');
  const sent = api.reviews.map(plain);
  // A kubelet repeats a failed review, but the recording contains each review once.
  const once = sent.filter((text, i) => text !== sent[i - 1]);
  expect(once).toEqual(recorded.reviews.map(({ url, body }) => plain({ url, body })));
});
