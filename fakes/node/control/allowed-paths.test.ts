// Tests that requests to the control address can use only files below the directories that the user named.
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { post } from '../../kubelet/testing/one-pod-node';
import { type FakeNode, startFakeNode } from '../node';

const ARCHIVE = path.join(__dirname, '../../archive/testdata/containerd-2.1.9-counter.tar');

let directory: string;
let node: FakeNode;
const inDirectory = (name: string) => path.join(directory, name);

beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(tmpdir(), 'allowed-paths-'));
  await fs.mkdir(inDirectory('allowed'));
  await fs.mkdir(inDirectory('allowed-not'));
  await fs.copyFile(ARCHIVE, inDirectory('allowed/a.tar'));
  await fs.copyFile(ARCHIVE, inDirectory('allowed-not/a.tar'));
  await fs.symlink(inDirectory('allowed-not'), inDirectory('allowed/out'));
  node = await startFakeNode({ controlAddress: '127.0.0.1:0', controlDirectories: [inDirectory('allowed')] });
});
afterAll(async () => {
  await node.close();
  await fs.rm(directory, { recursive: true });
});

function pod(name: string, container: object, volumes: readonly object[] = []): object {
  const main = { name: 'main', image: 'busybox', command: ['sleep', 'infinity'], ...container };
  const spec = { terminationGracePeriodSeconds: 0, containers: [main], volumes };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

async function send(target: string, document: object): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${node.controlUrl}${target}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(document),
  });
  return { status: answer.status, text: await answer.text() };
}

const sendMount = (name: string, hostPath: string) =>
  send(
    '/pods',
    pod(name, { volumeMounts: [{ name: 'v', mountPath: '/v' }] }, [{ name: 'v', hostPath: { path: hostPath } }]),
  );

test.each([
  'allowed-not',
  'allowed/..',
  'allowed/../allowed-not',
  'allowed/out',
  'allowed/out/none',
  '.',
  `allowed/${'x/'.repeat(300_000)}`,
])('a path outside is refused: %#', async (name) => {
  const sent = `${directory}/${name}`;
  const refused = { status: 400, text: expect.stringContaining('name its directory with --control-directory') };
  expect(await send('/images', { reference: 'x', archive: `${sent}/a.tar` })).toEqual(refused);
  expect(await sendMount('refused', sent)).toEqual(refused);
  expect(await send('/pods', pod('refused', { image: `${sent}/a.tar`, imagePullPolicy: 'Never' }))).toEqual(refused);
  expect(node.state().kubelet?.pods).toEqual([]);
});

test('a path below a named directory, and an archive that the kubelet wrote, can be used', async () => {
  expect((await send('/images', { reference: 'x', archive: inDirectory('allowed/a.tar') })).status).toBe(204);
  expect((await sendMount('mounted', inDirectory('allowed'))).status).toBe(201);
  const { body } = await post(node.kubelet, '/checkpoint/default/mounted/main');
  const [archive] = JSON.parse(String(body)).items;
  expect((await send('/images', { reference: 'y', archive })).status).toBe(204);
  await node.removePod('default', 'mounted');
});

test('the library can use every path', async () => {
  const own = pod('own', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }, [{ name: 'v', hostPath: { path: '/' } }]);
  expect(await node.addPod(JSON.stringify(own))).toHaveLength(1);
  await node.removePod('default', 'own');
});
