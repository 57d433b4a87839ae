// Tests that `serve` makes archives from a recorded archive, and that this takes longer if the container has more
// memory.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KubeletClient } from '../clients/kubelet-client';
import { inspectArchive } from '../inspect/inspect-archive';
import { RECORDED } from '../inspect/testing/rebuild';
import { ckptest, served } from '../testing/command-line';

const recorded = (runtime: string) => path.join(__dirname, `../../specs/archive/testdata/${runtime}-counter.tar`);
const MANIFEST = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'other', namespace: 'elsewhere', annotations: { 'ckptest.dev/hold-memory': '8M' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'docker.io/library/busybox:latest', command: ['sleep', 'infinity'] }],
  },
});

let directory: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-serve-archives-'));
});
afterAll(() => fs.rm(directory, { recursive: true }));

/** Serves one pod, and calls `use` with the addresses and credentials for its client. */
async function withPod(
  args: readonly string[],
  use: (node: {
    readonly checkpoint: () => Promise<{ status: number; body: string }>;
    readonly control: (method: string, target: string, body?: object) => Promise<Record<string, unknown>>;
    readonly archives: () => Promise<string[]>;
  }) => Promise<void>,
) {
  return served(['--control-address', '127.0.0.1:0', ...args], async (facts) => {
    const {
      kubelet: url = '',
      certificateAuthority = '',
      clientCertificate = '',
      clientKey = '',
      rootDir = '',
    } = facts;
    const client = new KubeletClient({ url, certificateAuthority, clientCertificate, clientKey });
    const control = async (method: string, target: string, body?: object) => {
      const answer = await fetch(`${facts['control']}${target}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: body ? JSON.stringify(body) : null,
      });
      const text = await answer.text();
      return text === '' ? {} : JSON.parse(text);
    };
    try {
      await control('POST', '/pods', JSON.parse(MANIFEST));
      await use({
        checkpoint: () => client.request({ method: 'POST', target: '/checkpoint/elsewhere/other/main' }),
        control,
        archives: () => fs.readdir(path.join(rootDir, 'checkpoints')),
      });
    } finally {
      client.close();
    }
  });
}

test.each(RECORDED)('--archive-template: the archive of %s, with the identity of the container', async (runtime) => {
  const { status } = await withPod(['--archive-template', recorded(runtime)], async ({ checkpoint }) => {
    const { body } = await checkpoint();
    const location = JSON.parse(body).items[0];
    const { findings, container, processes } = await inspectArchive(location);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(container).toMatchObject({ podName: 'other', podNamespace: 'elsewhere' });
    expect(container.id).not.toBe((await inspectArchive(recorded(runtime))).container.id);
    expect(processes.map(({ name }) => name)).toEqual(['sh', 'sleep']);
    expect((await fs.stat(location)).mode & 0o777).toBe(0o600);
  });
  expect(status).toBe(0);
});

test('--checkpoint-ms-per-mib: the container is paused in proportion to its memory, until the client disconnects', async () => {
  const { status } = await withPod(
    ['--checkpoint-ms-per-mib', '3600000'],
    async ({ checkpoint, control, archives }) => {
      const isFrozen = async () => JSON.stringify(await control('GET', '/state')).includes('"frozen":true');
      const wait = async (wanted: boolean) => {
        while ((await isFrozen()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      const answer = checkpoint();
      await wait(true);
      // The checkpoint of 8 MiB takes eight hours, and the kubelet waits two minutes.
      await control('PUT', '/clock', { advance: '120s' });
      expect(await answer).toMatchObject({ status: 500, body: expect.stringMatching(/context deadline exceeded/) });
      await wait(false);
      expect(await archives()).toEqual([]);
      await control('PUT', '/checkpoint-time', { millisecondsPerMiB: 0 });
      expect(await checkpoint()).toMatchObject({ status: 200 });
      await control('POST', '/reset');
      const again = control('POST', '/pods', JSON.parse(MANIFEST)).then(checkpoint);
      await wait(true);
      await control('PUT', '/clock', { advance: '120s' });
      expect(await again).toMatchObject({ status: 500 });
    },
  );
  expect(status).toBe(0);
});

test('--root-dir: unfinished archives of a process that has ended are removed, and nothing else', async () => {
  const rootDir = path.join(directory, 'root');
  const checkpoints = path.join(rootDir, 'checkpoints');
  await fs.mkdir(checkpoints, { recursive: true });
  // The name contains the id of this process but a different start time, so an earlier process with the same id left
  // the file.
  const left = `.ckptest-archive-${process.pid}-1-0a`;
  for (const name of [left, 'checkpoint-old.tar']) await fs.writeFile(path.join(checkpoints, name), '');
  await served(['--root-dir', rootDir], async () => {
    expect(await fs.readdir(checkpoints)).toEqual(['checkpoint-old.tar']);
  });
});

test.each([
  [
    'a template that is not there',
    ['--archive-template', 'none.tar'],
    /none\.tar: it cannot be read \(.*no such file or directory\); name an archive/,
  ],
  [
    'one that is no tar',
    ['--archive-template', 'text'],
    /--archive-template \S+text: it is truncated, or it is not a tar; give/,
  ],
  ['one for another runtime', ['--container-runtime-endpoint', 'unix:///x', '--archive-template', 'x'], /omit them/],
  ['a time that is none', ['--checkpoint-ms-per-mib', '-1'], /give a number of milliseconds, 0 or more/],
  ['an endless one', ['--checkpoint-ms-per-mib', 'Infinity'], /give a number of milliseconds, 0 or more/],
])('%s gives one sentence', async (_, args, says) => {
  await fs.writeFile(path.join(directory, 'text'), 'text');
  const here = args.map((word) => (/^(none\.tar|text)$/.test(word) ? path.join(directory, word) : word));
  const { status, err } = await ckptest(['serve', ...here]);
  expect({ status, err }).toEqual({ status: 2, err: expect.stringMatching(says) });
  expect(err.replace(/\n\(see --help\)/, '').trim()).not.toContain('\n');
});

test.each(RECORDED)('--image REF=ARCHIVE: an image made from the archive of %s', async (runtime) => {
  const image = `localhost/counter:checkpoint=${recorded(runtime)}`;
  const { status } = await served(
    ['--runtime-only', '--control-address', '127.0.0.1:0', '--image', image],
    async (facts) => {
      const answer = await fetch(`${facts['control']}/state`);
      expect(JSON.stringify(await answer.json())).toContain('"localhost/counter:checkpoint"');
    },
  );
  expect(status).toBe(0);
});

test('--image with a file that is not an archive gives one sentence and leaves nothing behind', async () => {
  const { status, err } = await ckptest(['serve', '--runtime-only', '--image', `localhost/x=${directory}/none.tar`]);
  expect([status, err]).toEqual([
    2,
    expect.stringMatching(/none\.tar: image localhost\/x cannot be made from it \(open/),
  ]);
});
