// Tests `ckptest serve` with the recorded configuration and pods. Calls it with the README's curl command if curl is
// installed.
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeAuthority } from '../../fakes/pki/certificates';
import { main } from '../cli';

const RECORDED = path.join(__dirname, '../../fakes/kubelet/testdata');
const README = path.join(__dirname, '../../fakes/README.md');

let directory: string;

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'serve-curl-'));
});

afterEach(async () => {
  await fs.rm(directory, { recursive: true, force: true });
});

/** Writes the recorded configuration. Its absolute paths are moved into the directory of the test. */
async function configuration(): Promise<string> {
  const text = await fs.readFile(path.join(RECORDED, 'kubelet.yaml'), 'utf8');
  for (const place of ['etc/kubernetes/pki', 'run/containerd']) {
    await fs.mkdir(path.join(directory, place), { recursive: true });
  }
  await fs.cp(path.join(RECORDED, 'pods'), path.join(directory, 'etc/kubernetes/manifests'), { recursive: true });
  const authority = await makeAuthority();
  await fs.writeFile(path.join(directory, 'etc/kubernetes/pki/ca.crt'), authority.certificate);
  const { certificate, key } = await authority.client({ name: 'somebody', groups: ['system:masters'] });
  await fs.writeFile(path.join(directory, 'own.crt'), certificate);
  await fs.writeFile(path.join(directory, 'own.key'), key, { mode: 0o600 });
  const file = path.join(directory, 'kubelet.yaml');
  await fs.writeFile(file, text.replace(/(?<=[ /])\/(etc|run)\//g, `${directory}/$1/`));
  return file;
}

/** How a client authenticates: with the token if there is one, otherwise with a client certificate. */
interface Asker {
  readonly authority: string;
  readonly token?: string;
}

/** Sends the request with the README's curl command, as a shell would run it. */
async function byCurl({ authority, token }: Asker, url: string): Promise<string> {
  const readme = await fs.readFile(README, 'utf8');
  const [, line = ''] = /^ {4}(curl .*)$/m.exec(readme) ?? [];
  const own = token ? '' : `--header Authorization: --cert ${directory}/own.crt --key ${directory}/own.key`;
  const command = `${line.replace(/https:\S+$/, '')} ${own} --silent --write-out '\n%{http_code}' '${url}'`;
  const env = { ...process.env, CA: authority, TOKEN: token };
  return (await promisify(execFile)('sh', ['-c', command], { env })).stdout;
}

/** Sends the request without curl. */
async function byNode({ authority, token }: Asker, url: string): Promise<string> {
  const own = async (name: string) => fs.readFile(path.join(directory, name));
  const options: https.RequestOptions = {
    method: 'POST',
    ca: await fs.readFile(authority),
    ...(token
      ? { headers: { authorization: `Bearer ${token}` } }
      : { cert: await own('own.crt'), key: await own('own.key') }),
  };
  return new Promise((resolve, reject) => {
    const request = https.request(url, options, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      resolve(`${Buffer.concat(parts)}\n${response.statusCode}`);
    });
    request.on('error', reject);
    request.end();
  });
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('answers curl as the recorded kubelet did, and leaves the archive that it names', async () => {
  const config = await configuration();
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const end = new AbortController();
  const root = path.join(directory, 'root');
  const args = ['serve', '--config', config, '--hostname-override', 'node1', '--port', '0', '--root-dir', root];
  const status = main([...args, '--output', 'json'], streams, end.signal);
  const facts: Record<string, string> = JSON.parse(
    await new Promise<string>((resolve) => streams.out.once('data', (text) => resolve(String(text)))),
  );
  const authority = facts['certificateAuthority'] ?? '';
  const ask = (target: string, token = facts['token'] ?? '') =>
    (hasCurl ? byCurl : byNode)({ authority, token }, `${facts['kubelet']}${target}`);

  const [body = '', code] = (await ask('/checkpoint/default/counter-node1/counter')).split('\n');
  expect(code).toBe('200');
  const [location = ''] = JSON.parse(body).items;
  expect(path.dirname(location)).toBe(path.join(root, 'checkpoints'));
  expect((await fs.stat(location)).mode & 0o777).toBe(0o600);
  expect((await fs.readFile(location)).toString('latin1', 257, 262)).toBe('ustar');

  expect(await ask('/checkpoint/lab-2/zoo.v1-node1/setup')).toBe(
    'checkpointing of lab-2/zoo.v1-node1/setup failed (container setup not found)\n500',
  );
  expect(await ask('/checkpoint/default/counter-node1/counter?timeout=abc')).toBe(
    'cannot parse value of timeout parameter\n404',
  );
  expect(await ask('/checkpoint/default/nope/counter', '')).toBe('pod does not exist\n404');
  expect(await ask('/healthz', 'x')).toBe('Unauthorized\n401');
  end.abort();
  expect(await status).toBe(0);
  expect(String(streams.err.read())).toMatch(
    /^ckptest: kubelet\.yaml|^ckptest: .*kubelet\.yaml sets fields that have no effect/,
  );
  expect(await fs.readdir(path.join(directory, 'run/containerd'))).toEqual([]);
});
