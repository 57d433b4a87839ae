// `ckptest serve` with a configuration file and the fake API server: each part knows the others, and all of it goes.
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

let folder: string;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'serve-api-'));
});

afterEach(async () => {
  await fs.rm(folder, { recursive: true, force: true });
});

function post(url: string, authority: string, token: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = https.request(url, { method: 'POST', ca: authority, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
    });
    request.on('error', reject);
    request.end();
  });
}

test('kubelet, runtime and API server from one file', async () => {
  await fs.mkdir(path.join(folder, 'pods'));
  await fs.writeFile(path.join(folder, 'pods/p.json'), POD);
  await fs.writeFile(path.join(folder, 'policy.yaml'), POLICY);
  const socket = `unix://${path.join(folder, 'cri.sock')}`;
  const config = path.join(folder, 'kubelet.yaml');
  await fs.writeFile(
    config,
    `{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, staticPodPath: ${path.join(folder, 'pods')}, containerRuntimeEndpoint: ${socket}}`,
  );
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const end = new AbortController();
  const words = ['serve', '--config', config, '--hostname-override', 'edge', '--api-server', '--output', 'json'];
  const status = main([...words, '--api-server-policy', path.join(folder, 'policy.yaml')], streams, end.signal);
  const facts: Record<string, string> = JSON.parse(
    await new Promise<string>((resolve) => streams.out.once('data', (text) => resolve(String(text)))),
  );
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
  // The kubelet sees the API server's own certificate, which may do everything.
  expect((await post(through, ofApi, 't-ann')).status).toBe(200);
  expect((await post(through, ofApi, facts['token'] ?? '')).status).toBe(200);
  end.abort();
  expect(await status).toBe(0);
  expect((await fs.readdir(folder)).sort()).toEqual(['kubelet.yaml', 'pods', 'policy.yaml']);
  await expect(fs.access(facts['kubeconfig'] ?? '')).rejects.toThrow();
});
