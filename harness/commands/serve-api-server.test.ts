// Tests `ckptest serve` with a configuration file and the fake API server. The API server and the kubelet call each
// other, and nothing is left behind.
import fs from 'node:fs/promises';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { main } from '../cli';

const POD =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"docker.io/library/busybox:latest","imagePullPolicy":"Never","command":["/bin/sh","-c","while true; do sleep 1; done"]}]}}';
const POLICY = `tokens:
- {token: t-ann, user: {name: ann}}
- {token: t-bea, user: {name: bea}}
rules:
- {users: [ann, bea], verbs: [create], resources: [nodes/proxy]}
- {users: [bea], verbs: [create], resources: [nodes/checkpoint], names: [edge]}
`;

let directory: string;

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'serve-api-'));
});

afterEach(async () => {
  await fs.rm(directory, { recursive: true, force: true });
});

function post(url: string, authority: string, token: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = https.request(url, { method: 'POST', ca: authority, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
    });
    request.on('error', reject);
    request.end();
  });
}

/** Starts `serve`. Returns `facts`, which is the parsed line that `serve` prints, and a function that stops `serve`. */
async function served(args: readonly string[]) {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const end = new AbortController();
  const status = main(['serve', '--api-server', '--output', 'json', ...args], streams, end.signal);
  const facts: Record<string, string> = JSON.parse(
    await new Promise<string>((resolve) => streams.out.once('data', (text) => resolve(String(text)))),
  );
  return {
    facts,
    async end() {
      end.abort();
      return { status: await status, errorOutput: String(streams.err.read() ?? '') };
    },
  };
}

async function writePod(): Promise<string> {
  await fs.mkdir(path.join(directory, 'pods'));
  await fs.writeFile(path.join(directory, 'pods/p.json'), POD);
  await fs.writeFile(path.join(directory, 'policy.yaml'), POLICY);
  return path.join(directory, 'pods');
}

test('faults between client and API server and between API server and kubelet, and an API server without permission to checkpoint', async () => {
  const pods = await writePod();
  await fs.writeFile(
    path.join(directory, 'policy.yaml'),
    `${POLICY}- {users: [apiserver], role: system:kubelet-api-admin}\nkubeletClient: {name: apiserver, groups: [x]}\n`,
  );
  await fs.writeFile(
    path.join(directory, 'plan.yaml'),
    '- {match: {hop: api-server, container: c}, do: {status: 502, body: no}}\n- {match: {hop: kubelet}, do: {status: 418, body: teapot}}\n- {match: {hop: api-server}, do: {truncate: 5}}\n- {match: {hop: api-server, pod: x}, do: reset}\n- {match: {hop: api-server, pod: y}, do: hang}\n',
  );
  const files = [
    '--api-server-policy',
    path.join(directory, 'policy.yaml'),
    '--faults',
    path.join(directory, 'plan.yaml'),
  ];
  const { facts, end } = await served(['--pod-manifest-path', pods, ...files]);
  const authority = await fs.readFile(facts['apiServerCertificateAuthority'] ?? '', 'utf8');
  const through = (target: string) =>
    post(`${facts['apiServer']}/api/v1/nodes/node1/proxy/checkpoint/default/${target}`, authority, 't-ann');
  expect(await through('p-node1/c')).toEqual({ status: 502, body: 'no' });
  await expect(through('p-node1/c')).rejects.toThrow(/aborted|hang up/);
  // By default the API server's own user has no permission for nodes/checkpoint.
  expect(await through('p-node1/c')).toEqual({
    status: 403,
    body: 'Forbidden (user=apiserver, verb=create, resource=nodes, subresource(s)=[checkpoint])\n',
  });
  // The kubelet asks the API server which user a token belongs to.
  const ofKubelet = await fs.readFile(facts['certificateAuthority'] ?? '', 'utf8');
  expect(await post(`${facts['kubelet']}/checkpoint/default/p-node1/c`, ofKubelet, 't-ann')).toMatchObject({
    status: 403,
    body: expect.stringContaining('(user=ann,'),
  });
  await expect(through('x/c')).rejects.toThrow('hang up');
  expect(await end()).toEqual({
    status: 0,
    errorOutput: expect.stringMatching(/plan.yaml:5: this fault was never used/),
  });
});

test('kubelet, runtime and API server configured by one file', async () => {
  await writePod();
  const socket = `unix://${path.join(directory, 'cri.sock')}`;
  const config = path.join(directory, 'kubelet.yaml');
  await fs.writeFile(
    config,
    `{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, staticPodPath: ${path.join(directory, 'pods')}, containerRuntimeEndpoint: ${socket}}`,
  );
  const args = ['--config', config, '--hostname-override', 'edge'];
  const { facts, end } = await served([...args, '--api-server-policy', path.join(directory, 'policy.yaml')]);
  expect(facts['runtime']).toBe(socket);
  const ofKubelet = await fs.readFile(facts['certificateAuthority'] ?? '', 'utf8');
  const ofApi = await fs.readFile(facts['apiServerCertificateAuthority'] ?? '', 'utf8');
  const direct = `${facts['kubelet']}/checkpoint/default/p-edge/c`;
  const through = `${facts['apiServer']}/api/v1/nodes/edge/proxy/checkpoint/default/p-edge/c`;
  expect(await post(direct, ofKubelet, 't-ann')).toEqual({
    status: 403,
    body: 'Forbidden (user=ann, verb=create, resource=nodes, subresource(s)=[checkpoint])\n',
  });
  expect((await post(direct, ofKubelet, 't-bea')).status).toBe(200);
  expect((await post(direct, ofKubelet, 't-cay')).status).toBe(401);
  // The kubelet sees the client certificate of the API server, which has all permissions.
  expect((await post(through, ofApi, 't-ann')).status).toBe(200);
  expect((await post(through, ofApi, facts['token'] ?? '')).status).toBe(200);
  expect((await end()).status).toBe(0);
  expect((await fs.readdir(directory)).sort()).toEqual(['kubelet.yaml', 'pods', 'policy.yaml']);
  await expect(fs.access(facts['kubeconfig'] ?? '')).rejects.toThrow();
});
