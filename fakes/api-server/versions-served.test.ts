// Tests differences between kubelet versions: the route of CVE-2025-0426, the default of the feature gate, and older
// error messages.

import http from 'node:http';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type OnePodNode, onePodNode, post } from '../kubelet/testing/one-pod-node';
import { sendRaw } from '../kubelet/testing/raw-client';
import { type FakeApiServer, startFakeApiServer } from './server';

let node: OnePodNode;

beforeEach(async () => {
  node = await onePodNode();
});

afterEach(async () => {
  await node[Symbol.asyncDispose]();
});

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });

const plainPost = (url: string) =>
  new Promise<number>((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });

test.each([
  ['1.30.9', {}, 200, 200],
  ['1.30.10', {}, 404, 404],
  ['1.32.1', {}, 200, 200],
  ['1.33.0', {}, 404, 404],
  ['1.29.4', {}, 404, 404],
  ['1.29.4', { ContainerCheckpoint: true }, 200, 200],
])(
  '%s with gates %j: status %d on the read-only port, %d with debugging handlers off',
  async (kubernetesVersion, featureGates, open, off) => {
    const readOnlyPort = await freePort();
    await using kubelet = await node.start({
      kubernetesVersion,
      configuration: { readOnlyPort, featureGates, enableDebuggingHandlers: false },
    });
    expect(await plainPost(`${kubelet.readOnlyUrl}/checkpoint/shop/web-n/app`)).toBe(open);
    expect((await post(kubelet, '/checkpoint/shop/web-n/app')).status).toBe(off);
    expect(await post(kubelet, '/exec/a/b/c')).toMatchObject({ status: 405, body: 'Debug endpoints are disabled.\n' });
  },
);

test('a kubelet before 1.32 checks the permission for one subresource only', async () => {
  await using api: FakeApiServer = await startFakeApiServer();
  const start = (kubernetesVersion: string) =>
    node.start({
      kubernetesVersion,
      kubeconfig: api.nodeKubeconfig,
      configuration: { authorization: 'Webhook', anonymous: true, featureGates: { ContainerCheckpoint: true } },
    });
  const bodyOf = async (version: string, path: string) => {
    await using kubelet = await start(version);
    return (await post(kubelet, path, {}, 'none')).body;
  };
  expect(await bodyOf('1.31.9', '/checkpoint/a/b/c')).toBe(
    'Forbidden (user=system:anonymous, verb=create, resource=nodes, subresource=checkpoint)',
  );
  expect(await bodyOf('1.31.9', '/pods')).toContain('subresource=proxy)');
  expect(await bodyOf('1.34.0', '/pods')).toContain('subresource(s)=[pods proxy])\n');
  expect(await bodyOf('1.36.2', '/statusz')).toContain('subresource(s)=[statusz proxy])\n');
});

test.each([
  ['1.35.0', 301, 'Moved Permanently'],
  ['1.36.0', 307, 'Temporary Redirect'],
])('%s redirects a path with empty segments with status %d', async (kubernetesVersion, status, phrase) => {
  await using kubelet = await node.start({ kubernetesVersion, configuration: { staticPodPath: '' } });
  const answer = await sendRaw(kubelet, 'GET //pods?a=\xe9&b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(answer).toContain(`HTTP/1.1 ${status} ${phrase}\r\n`);
  // The query is escaped in the header and not in the body.
  expect(answer).toContain('Location: /pods?a=%c3%a9&b\r\n');
  expect(answer).toContain(`<a href="/pods?a=\xe9&amp;b">${phrase}</a>.\n\n`);
});

test.each([
  ['1.31.9', '[+]ping ok\n[+]log ok\n[+]syncloop ok\nhealthz check passed\n', 404],
  ['1.36.2', '[+]ping ok\n[+]log ok\n[+]syncloop ok\n[+]device-plugin ok\nhealthz check passed\n', 200],
])('version %s has its own list of health checks', async (kubernetesVersion, body, status) => {
  await using kubelet = await node.start({ kubernetesVersion });
  expect(await post(kubelet, '/healthz?verbose')).toMatchObject({ status: 200, body });
  expect((await post(kubelet, '/healthz/device-plugin')).status).toBe(status);
});

test('health checks can be excluded, and unknown checks are listed in order', async () => {
  await using kubelet = await node.start({ kubernetesVersion: '1.31.9' });
  expect((await post(kubelet, '/healthz?exclude=log')).body).toBe('ok');
  expect((await post(kubelet, '/healthz?verbose&exclude=log&exclude=z&exclude=%22&exclude=log')).body).toBe(
    [
      '[+]ping ok',
      '[+]log excluded: ok',
      '[+]syncloop ok',
      'warn: some health checks cannot be excluded: no matches for "\\"","z"',
      'healthz check passed\n',
    ].join('\n'),
  );
});

test.each([
  ['1.35.0', {}, 404, 404],
  ['1.36.2', {}, 401, 401],
  ['1.36.2', { ComponentStatusz: false }, 404, 401],
])(
  '%s with gates %j: status %d for /statusz and %d for /flagz',
  async (kubernetesVersion, featureGates, status, flags) => {
    await using kubelet = await node.start({ kubernetesVersion, configuration: { featureGates } });
    const statusOf = async (target: string) => (await post(kubelet, target, {}, 'none')).status;
    expect([await statusOf('/statusz'), await statusOf('/flagz'), await statusOf('/statusz/')]).toEqual([
      status,
      flags,
      404,
    ]);
  },
);

test('webhook modes without an API server are refused at startup', async () => {
  await expect(node.start({ configuration: { authorization: 'Webhook' } })).rejects.toThrow(
    /^authorization\.mode: Webhook .* need an API server: give --kubeconfig/,
  );
});
