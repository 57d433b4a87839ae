// Tests `serve` with a persona, a fault plan and a control address, used as from a test in another language.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ckptest, served } from '../testing/command-line';

let directory: string;
let plan: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-cli-serve-'));
  plan = path.join(directory, 'plan.yaml');
  await fs.writeFile(plan, '- match: {method: CheckpointContainer}\n  times: 2\n  do: hang\n');
  await fs.writeFile(path.join(directory, 'broken.yaml'), '- do: hang\n- do: explode\n');
});
afterAll(() => fs.rm(directory, { recursive: true }));

test.each([['both fakes', []] as const, ['the runtime alone', ['--runtime-only']] as const])('%s', async (_, more) => {
  const args = ['--persona', 'cri-o-1.37', '--faults', plan, '--control-address', '127.0.0.1:0', ...more];
  const { status, errorOutput } = await served(args, async ({ control }) => {
    const ask = async (target: string) => (await fetch(`${control}${target}`)).json();
    expect(await ask('/state')).toMatchObject({ persona: 'cri-o-1.37' });
    expect(await ask('/faults')).toMatchObject({ faults: [{ do: 'hang', times: 2, at: `${plan}:1`, used: 0 }] });
    const reset = await fetch(`${control}/reset`, { method: 'POST' });
    expect(reset.status).toBe(204);
    const pod = await fetch(`${control}/pods`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(pod.status).toBe(400);
  });
  expect({ status, errorOutput }).toEqual({
    status: 0,
    errorOutput: `ckptest: ${plan}:1: this fault was never used: {"match":{"method":"CheckpointContainer"},"do":"hang"}\n`,
  });
});

test.each([
  [
    'a persona that does not exist',
    ['--persona', 'podman'],
    /^ckptest: --persona podman: there is no persona podman; the nearest are /,
  ],
  ['one of the kubelet', ['--kubelet-persona', 'podman'], /--kubelet-persona podman: there is no persona/],
  ['a plan that is not there', ['--faults', '/none.yaml'], /\/none\.yaml: the fault plan cannot be read/],
  ['a broken plan', ['--faults', 'broken.yaml'], /broken\.yaml:2: \[1\]\.do is "explode"/],
  ['an address beyond loopback', ['--control-address', '0.0.0.0:0'], /--control-address 0\.0\.0\.0:0: .*loopback/],
  ['no address', ['--control-address', 'here'], /--control-address here: write HOST:PORT/],
  [
    "faults of somebody else's runtime",
    ['--container-runtime-endpoint', 'unix:///x', '--faults', 'broken.yaml'],
    /are for the fake runtime/,
  ],
])('%s gives one sentence', async (_, args, says) => {
  const { status, err } = await ckptest([
    'serve',
    ...args.map((word) => word.replace(/^broken/, `${directory}/broken`)),
  ]);
  expect({ status, err }).toEqual({ status: 2, err: expect.stringMatching(says) });
  expect(err.trim().split('\n')).toHaveLength(1);
});

test('a pod whose command cannot be simulated is reported once', async () => {
  const manifests = path.join(directory, 'manifests');
  await fs.mkdir(manifests);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } };
  const spec = { containers: [{ name: 'main', image: 'nginx' }] };
  await fs.writeFile(path.join(manifests, 'web.json'), JSON.stringify({ ...pod, spec }));
  const args = ['--pod-manifest-path', manifests, '--hostname-override', 'node1', '--control-address', '127.0.0.1:0'];
  const { errorOutput } = await served(args, async ({ control }) => {
    expect(await (await fetch(`${control}/state`)).json()).toMatchObject({
      runtime: { containers: [{ simulated: false, notSimulated: 'the program nginx is not supported' }] },
    });
  });
  expect(errorOutput).toBe(
    'ckptest: container default/web-node1/main stays idle, because its command cannot be simulated: the program nginx is not supported\n',
  );
});

test('each endpoint can be the path of a socket', async () => {
  const socket = path.join(directory, 'r.sock');
  const { status } = await served(['--runtime-only', '--runtime-listen', socket], async ({ runtime }) => {
    expect(runtime).toBe(`unix://${socket}`);
    const args = ['--container-runtime-endpoint', socket, '--image-service-endpoint', socket];
    const fake = await served(args, async (facts) => expect(facts['runtime']).toBe(`unix://${socket}`));
    expect(fake.status).toBe(0);
  });
  expect(status).toBe(0);
});
