// Tests the API server and its proxy path to a kubelet: permissions, faults at both servers, and the first requests of
// clients.
import { readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UserError } from '../base/user-error';
import type { FakeKubelet, FakeKubeletOptions } from '../kubelet/server';
import { type OnePodNode, onePodNode } from '../kubelet/testing/one-pod-node';
import { send } from '../kubelet/testing/raw-client';
import { ROLES, type Rule } from './policy';
import { readPolicy } from './read-policy';
import { answerReview, TOKEN_REVIEWS } from './reviews';
import { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from './server';

const TOKENS = [
  { token: 'viewer', user: { name: 'vera', groups: [] } },
  { token: 'keeper', user: { name: 'kim', groups: [] } },
];
const PROXY: Rule = { users: ['kim'], verbs: ['create', 'get'], resources: ['nodes/proxy'], names: ['n'] };
const TARGET = '/api/v1/nodes/n/proxy/checkpoint/shop/web-n/app';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

function sendRequest(api: FakeApiServer, method: string, target: string, token?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const request = https.request(
      `${api.url}${target}`,
      { method, headers, ca: api.authority, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            location: response.headers.location,
          }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

let node: OnePodNode;
let api: FakeApiServer;
let kubelet: FakeKubelet;

async function begin(options: FakeApiServerOptions = {}, ofKubelet: Partial<FakeKubeletOptions> = {}): Promise<void> {
  api = await startFakeApiServer({ policy: { tokens: TOKENS, rules: [PROXY] }, ...options });
  kubelet = await node.start({
    kubeconfig: api.nodeKubeconfig,
    clientAuthorities: [api.authority],
    reviewPauseMs: 1,
    ...ofKubelet,
    configuration: { webhookAuthentication: true, authorization: 'Webhook', ...ofKubelet.configuration },
  });
  api.addNode('n', { url: kubelet.url, authority: await readFile(kubelet.credentials.certificateAuthority, 'utf8') });
}

beforeEach(async () => {
  node = await onePodNode();
});

afterEach(async () => {
  await kubelet.close();
  await api.close();
  await node[Symbol.asyncDispose]();
});

describe('the proxy path to a node', () => {
  test("is added to the kubelet's redirects", async () => {
    await begin();
    const { status, location } = await sendRequest(
      api,
      'POST',
      '/api/v1/nodes/n/proxy//checkpoint?timeout=1',
      'keeper',
    );
    expect([status, location]).toEqual([307, '/api/v1/nodes/n/proxy/checkpoint/?timeout=1']);
  });

  test('forwards a request with the certificate of the API server, and returns the response', async () => {
    await begin();
    const answer = await sendRequest(api, 'POST', `${TARGET}?timeout=300`, 'keeper');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/^\{"items":\["\/.*\/checkpoints\/checkpoint-web-n_shop-app-.*\.tar"\]\}$/);
    expect(kubelet.requests.at(-1)).toMatchObject({
      target: '/checkpoint/shop/web-n/app?timeout=300',
      user: 'kube-apiserver-kubelet-client',
    });
    expect(await sendRequest(api, 'GET', TARGET, 'keeper')).toMatchObject({
      status: 405,
      body: '405: Method Not Allowed',
    });
    expect(await sendRequest(api, 'POST', `${TARGET}x`, 'keeper')).toMatchObject({ status: 404 });
  });

  test('is authorized by the API server before the kubelet', async () => {
    await begin();
    expect(JSON.parse((await sendRequest(api, 'POST', TARGET, 'viewer')).body)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'nodes "n" is forbidden: User "vera" cannot create resource "nodes/proxy" in API group "" at the cluster scope',
      reason: 'Forbidden',
      details: { name: 'n', kind: 'nodes' },
      code: 403,
    });
    expect((await sendRequest(api, 'POST', TARGET)).body).toContain('User \\"system:anonymous\\" cannot create');
    expect(await sendRequest(api, 'POST', TARGET, 'unknown')).toMatchObject({ status: 401 });
    expect((await sendRequest(api, 'DELETE', TARGET, 'keeper')).status).toBe(403);
    expect(kubelet.requests).toEqual([]);
  });

  test('is refused by the kubelet if the API server has only the role system:kubelet-api-admin', async () => {
    const kubeletClient = { name: 'kubelet-client', groups: ['clients'] };
    const rules = (ROLES['system:kubelet-api-admin'] ?? []).map((rule) => ({ groups: ['clients'], ...rule }));
    await begin({ kubeletClient, policy: { tokens: TOKENS, rules: [PROXY, ...rules] } });
    expect(await sendRequest(api, 'POST', TARGET, 'keeper')).toEqual({
      status: 403,
      body: 'Forbidden (user=kubelet-client, verb=create, resource=nodes, subresource(s)=[checkpoint])\n',
    });
    expect((await sendRequest(api, 'GET', '/api/v1/nodes/n/proxy/pods', 'keeper')).status).toBe(200);
    expect((await sendRequest(api, 'GET', '/api/v1/nodes/https:n:10250/proxy/healthz', 'keeper')).body).toBe('ok');
  });

  test('fails for a node that is unknown or does not run', async () => {
    await begin({ policy: { tokens: TOKENS, rules: [{ ...PROXY, names: ['*'] }] } });
    expect((await sendRequest(api, 'POST', TARGET.replace('/n/', '/m/'), 'keeper')).body).toContain(
      'nodes \\"m\\" not found',
    );
    await kubelet.close();
    const answer = await sendRequest(api, 'POST', TARGET, 'keeper');
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('error trying to reach service: ECONNREFUSED');
  });

  test('can have faults at the API server and at the kubelet', async () => {
    await begin(
      {
        http: [
          async (request, next) =>
            request.method === 'PUT' ? { status: 502, headers: [], body: 'first' } : next(request),
        ],
      },
      {
        http: [
          async (request, next) =>
            request.target.includes('fail') ? { status: 502, headers: [], body: 'second' } : next(request),
        ],
      },
    );
    expect((await sendRequest(api, 'PUT', TARGET, 'keeper')).body).toBe('first');
    expect((await sendRequest(api, 'POST', `${TARGET}?fail`, 'keeper')).body).toBe('second');
  });
});

test('a kubelet refuses requests if the API server does not respond or sends an invalid response', async () => {
  await begin({}, { configuration: { anonymous: true } });
  api.mode = 'nonsense';
  const direct = (token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return send(kubelet, { method: 'POST', path: '/checkpoint/shop/web-n/app', client: 'none', headers });
  };
  expect((await direct('keeper')).status).toBe(401);
  expect(await direct()).toMatchObject({
    status: 500,
    body: 'Authorization error (user=system:anonymous, verb=create, resource=nodes, subresource=checkpoint)',
  });
  expect((await direct('x'.repeat(100_000))).status).toBe(401);
  await api.close();
  expect((await direct('keeper')).status).toBe(401);
  expect((await direct()).status).toBe(500);
});

test.each([
  ['GET', '/stats/summary', 'get', 'stats'],
  ['GET', '/metrics/cadvisor', 'get', 'metrics'],
  ['GET', '/logs/syslog', 'get', 'log'],
  ['POST', '/exec/shop/web-n/app', 'create', 'proxy'],
  ['GET', '/containerLogs/shop/web-n/app', 'get', 'proxy'],
  ['GET', '/runningpods/', 'get', 'pods proxy'],
  ['OPTIONS', '/configz', '', 'configz proxy'],
])('%s %s requires the permission to %s nodes/%s', async (method, path, verb, subresources) => {
  await begin();
  const target = { method, path, client: 'none' };
  expect(await send(kubelet, target)).toMatchObject({ status: 401, body: 'Unauthorized' });
  expect(await send(kubelet, { ...target, headers: { authorization: 'Bearer viewer' } })).toMatchObject({
    status: 403,
    body: `Forbidden (user=vera, verb=${verb}, resource=nodes, subresource(s)=[${subresources}])\n`,
  });
});

test('unusual requests get a response', async () => {
  await begin();
  expect((await sendRequest(api, 'GET', '/healthz', 'x'.repeat(100_000))).status).toBe(401);
  expect(await sendRequest(api, 'GET', '/api/v1/nodes/%zz/proxy/healthz', 'keeper')).toMatchObject({ status: 400 });
  expect((await sendRequest(api, 'GET', '/api/v1/nodes/%6e/proxy/healthz', 'keeper')).status).toBe(200);
  expect((await sendRequest(api, 'GET', '/api/v1/nodes/https:n:10250/proxy/healthz', 'keeper')).status).toBe(200);
  expect((await sendRequest(api, 'GET', '/api/v1/nodes//proxy/healthz', 'keeper')).status).toBe(404);
});

test('the paths that clients check first exist', async () => {
  await begin();
  expect(await sendRequest(api, 'GET', '/healthz')).toEqual({ status: 200, body: 'ok' });
  expect(JSON.parse((await sendRequest(api, 'GET', '/version', 'keeper')).body)).toMatchObject({ major: '1' });
  expect((await sendRequest(api, 'GET', '/apis/nothing', 'keeper')).status).toBe(404);
  expect((await sendRequest(api, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', 'viewer')).status).toBe(403);
});

test('a kubelet gets 403 and not 404 for resources that this server does not have', async () => {
  await begin({
    policy: { tokens: [{ token: 'node', user: { name: 'system:node:n', groups: ['system:nodes'] } }], rules: [] },
  });
  const statusAndMessage = async (target: string) => {
    const { status, body } = await sendRequest(api, 'GET', target, 'node');
    return [status, JSON.parse(body).message];
  };
  expect(await statusAndMessage('/apis/storage.k8s.io/v1/csinodes/n')).toEqual([
    403,
    'csinodes "n" is forbidden: User "system:node:n" cannot get resource "csinodes" in API group "storage.k8s.io" at the cluster scope',
  ]);
  expect(await statusAndMessage('/api/v1/nodes?fieldSelector=metadata.name%3Dn')).toEqual([
    403,
    expect.stringContaining('cannot list resource "nodes"'),
  ]);
  expect((await sendRequest(api, 'GET', '/api/v1/namespaces/default/pods/p/log', 'node')).body).toContain(
    'cannot get resource \\"pods/log',
  );
});

test('the API server and its kubelets refuse an expired token', async () => {
  const tokens = TOKENS.map((entry) => ({ ...entry, expired: entry.token === 'keeper' }));
  await begin({ policy: { tokens, rules: [PROXY] } });
  expect((await sendRequest(api, 'POST', TARGET, 'keeper')).status).toBe(401);
  expect((await sendRequest(api, 'POST', TARGET, 'viewer')).status).toBe(403);
  const review = JSON.stringify({ kind: 'TokenReview', spec: { token: 'keeper' } });
  const answer = answerReview(api.policy, TOKEN_REVIEWS, review, []);
  expect(JSON.parse(answer.body)).toMatchObject({ status: { user: {}, error: expect.stringContaining('expired') } });
});

test('a policy is read from YAML, and errors name the file and the line', async () => {
  await begin();
  const file = path.join(node.directory, 'policy.yaml');
  const read = async (text: string) => {
    await writeFile(file, text);
    return readPolicy(file);
  };
  expect(
    await read(
      'tokens: [{token: t, expired: true, user: {name: ann, groups: [g], extra: {k: [v]}}}]\nrules:\n- {users: [ann], verbs: [create], resources: [nodes/checkpoint]}\n- {groups: [g], role: system:auth-delegator}\n',
    ),
  ).toEqual({
    tokens: [{ token: 't', user: { name: 'ann', groups: ['g'], extra: { k: ['v'] } }, expired: true }],
    rules: [
      { users: ['ann'], groups: [], verbs: ['create'], resources: ['nodes/checkpoint'] },
      { users: [], groups: ['g'], verbs: ['create'], resources: ['tokenreviews', 'subjectaccessreviews'] },
    ],
  });
  await expect(read('tokens: []\nrule: []\n')).rejects.toThrow(
    new UserError(`${file}:2: rule is not a known key here: the keys are tokens, rules, kubeletClient.`),
  );
  await expect(read('rules: [{users: [a], role: boss}]')).rejects.toThrow(/:1: rules\[0\]\.role must be one of /);
  await rm(file);
  await expect(readPolicy(file)).rejects.toThrow(/cannot be read \(ENOENT\)/);
});
