// Tests the library as its users use it: several nodes in one process, faults, personas, and a reset between tests.
import { readdir, readFile, stat } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import packageJson from '../package.json';
import { type FakeNode, startFakeNode, startFakeRuntime, UserError } from './index';

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - {name: main, image: busybox, command: [/bin/sh, -c, "i=0; while true; do echo $i; i=$((i+1)); sleep 1; done"]}
`;

/** Requests a checkpoint as an operator would. This is the client under test. */
async function checkpoint(node: FakeNode, pod = 'shop/web/main'): Promise<{ status: number; body: string }> {
  const { clientCertificate, clientKey, certificateAuthority } = node.kubelet.credentials;
  const [cert, key, ca] = await Promise.all(
    [clientCertificate, clientKey, certificateAuthority].map((file) => readFile(file)),
  );
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', cert, key, ca, agent: false };
    https
      .request(`${node.url}/checkpoint/${pod}`, options, (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      })
      .on('error', reject)
      .end();
  });
}

describe('with one node for several tests,', () => {
  let node: FakeNode;
  beforeAll(async () => {
    node = await startFakeNode({ pods: [POD] });
  });
  afterAll(() => node.close());
  beforeEach(() => node.reset());

  test('a checkpoint leaves an archive and is recorded in the logs', async () => {
    const { status, body } = await checkpoint(node);
    expect(status).toBe(200);
    const [archive]: string[] = JSON.parse(body).items;
    expect((await stat(archive ?? '')).mode & 0o777).toBe(0o600);
    expect(node.calls().filter(({ method }) => method === 'CheckpointContainer')).toHaveLength(1);
    expect(node.requests()).toMatchObject([{ method: 'POST', target: '/checkpoint/shop/web/main', status: 200 }]);
  });

  test('a reset removes archives and logs, and keeps the pod', async () => {
    expect(node.requests()).toEqual([]);
    expect(node.calls().filter(({ method }) => method === 'CheckpointContainer')).toEqual([]);
    expect(await readdir(path.join(node.kubelet.rootDirectory, 'checkpoints'))).toEqual([]);
    expect(node.state().kubelet?.pods).toEqual([{ namespace: 'shop', name: 'web' }]);
  });

  test('the first checkpoint fails and the second succeeds', async () => {
    node.faults.set([
      {
        match: { method: 'CheckpointContainer', container: 'main' },
        do: { abort: { code: 'UNKNOWN', message: 'cannot pause a paused container' } },
      },
    ]);
    expect(await checkpoint(node)).toEqual({
      status: 500,
      body: 'checkpointing of shop/web/main failed (rpc error: code = Unknown desc = cannot pause a paused container)',
    });
    expect((await checkpoint(node)).status).toBe(200);
    expect(node.faults.unused).toEqual([]);
  });

  test('a fault can change the response of the kubelet itself', async () => {
    node.faults.set([
      { match: { method: 'POST', pod: 'web' }, do: { status: 503, body: 'later' } },
      { match: { method: 'POST', pod: 'web' }, do: { truncate: 5 } },
      { match: { method: 'POST', pod: 'web' }, do: 'reset' },
    ]);
    expect(await checkpoint(node)).toEqual({ status: 503, body: 'later' });
    await expect(checkpoint(node)).rejects.toThrow('aborted');
    await expect(checkpoint(node)).rejects.toThrow();
  });

  test('a reset starts a container again that a test has ended', async () => {
    const [container] = node.state().runtime.containers;
    node.runtime.control.exit(container?.id ?? '', 1);
    await node.addPod(POD.replace('name: web', 'name: other'));
    await node.reset();
    expect(node.state().kubelet?.pods).toEqual([{ namespace: 'shop', name: 'web' }]);
    expect((await checkpoint(node)).status).toBe(200);
    expect((await checkpoint(node, 'shop/other/main')).body).toBe('pod does not exist');
  });
});

test('nodes with different personas run side by side and leave nothing behind', async () => {
  const personas = ['reference', 'containerd-1.6', 'cri-o-1.37+disabled', 'containerd-2.1+criu-missing'];
  const nodes = await Promise.all(personas.map((persona) => startFakeNode({ persona, pods: [POD] })));
  const answers = await Promise.all(nodes.map((node) => checkpoint(node)));
  expect(answers.map(({ status }) => status)).toEqual([200, 500, 500, 500]);
  expect(answers.map(({ body }) => /desc = (.{30})/.exec(body)?.[1])).toEqual(
    [
      undefined,
      'method CheckpointContainer not ',
      'checkpoint/restore support not ',
      'CRIU binary not found or too o',
    ].map((words) => words?.slice(0, 30)),
  );
  await Promise.all(nodes.map((node) => node.close()));
  for (const { kubelet, runtime } of nodes) {
    for (const place of [kubelet.rootDirectory, runtime.stateDirectory])
      await expect(stat(place)).rejects.toThrow('ENOENT');
  }
});

test('a kubelet of an older version has no checkpoint endpoint', async () => {
  await using node = await startFakeNode({ kubeletPersona: 'kubelet-1.29', pods: [POD] });
  expect((await checkpoint(node)).status).toBe(404);
});

test('a runtime without a kubelet is disposed of at the end of its block', async () => {
  let place: string;
  {
    await using runtime = await startFakeRuntime({ persona: 'cri-o-1.37' });
    place = runtime.stateDirectory;
    expect(runtime.endpoint).toMatch(/^unix:\/\/\//);
    runtime.reset();
  }
  await expect(stat(place)).rejects.toThrow('ENOENT');
});

test.each([
  ['a persona', { persona: 'podman' }, /^--persona podman: there is no persona/],
  ['a persona of the kubelet', { kubeletPersona: 'old' }, /^--kubelet-persona old: there is no persona/],
  [
    'a fault',
    { faults: [{ match: { method: 'Nothing' }, do: 'hang' as const }] },
    /^faults: \[0\]\.match\.method Nothing/,
  ],
  ['an address', { controlAddress: '10.0.0.1:1' }, /^--control-address 10\.0\.0\.1:1: .*loopback/],
  ['a pod', { pods: ['kind: Node'] }, /.+/],
])(
  'a start with %s that does not exist fails with one sentence and leaves nothing behind',
  async (_, options, says) => {
    const start = startFakeNode(options);
    await expect(start).rejects.toThrow(UserError);
    await expect(start).rejects.toThrow(says);
  },
);

test("the package's entry points are the files that are built from this one", () => {
  expect(packageJson.main).toBe('dist/harness/index.js');
  expect(packageJson.types).toBe('dist/harness/index.d.ts');
  expect(packageJson.exports['.']).toEqual({ types: './dist/harness/index.d.ts', default: './dist/harness/index.js' });
});
