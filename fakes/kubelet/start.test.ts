// Tests starts of a kubelet that must fail: each reports its error in one sentence and leaves nothing behind.

import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { errorText } from '../base/error-text';
import { UserError } from '../base/user-error';
import { makeCertificates } from '../pki/certificates';
import { type FakeKubeletOptions, startFakeKubelet } from './server';
import { type ScriptedRuntime, startScriptedRuntime } from './testing/scripted-runtime';

let directory: string;
let runtime: ScriptedRuntime;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'start-'));
  runtime = await startScriptedRuntime();
});

afterEach(async () => {
  await runtime[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const credentialDirectories = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`ckptest-kubelet-${process.pid}-`));

/** Starts a kubelet, which must fail. Returns the error and checks that nothing is left behind. */
async function refusal(options: Partial<FakeKubeletOptions>): Promise<string> {
  const before = { own: (await readdir(directory)).sort(), credentials: await credentialDirectories() };
  const start = startFakeKubelet({
    runtimeEndpoint: runtime.endpoint,
    rootDirectory: path.join(directory, 'a/root'),
    ...options,
  });
  const error: unknown = await start.then(
    () => 'started',
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(UserError);
  const after = { own: (await readdir(directory)).sort(), credentials: await credentialDirectories() };
  expect(after).toEqual(before);
  expect([...runtime.sandboxes.keys()]).toEqual([]);
  return errorText(error);
}

async function listening(server: Server, where: string | number): Promise<void> {
  await new Promise<void>((resolve) => server.listen(where, resolve));
}

test('a missing socket is refused', async () => {
  expect(await refusal({ runtimeEndpoint: 'unix:///nowhere/x.sock' })).toBe(
    'No runtime answers at unix:///nowhere/x.sock: the file does not exist; start the runtime or correct the endpoint.',
  );
});

test('a file that is not a socket, and an invalid endpoint, are refused', async () => {
  const file = path.join(directory, 'file');
  await writeFile(file, '');
  expect(await refusal({ runtimeEndpoint: file })).toMatch(/ is not a socket: /);
  expect(await refusal({ runtimeEndpoint: 'http://x' })).toMatch(/ is not a CRI endpoint: /);
  expect(await refusal({ runtimeEndpoint: `unix:///${'x'.repeat(120)}` })).toMatch(/ has 121 bytes, /);
});

test('a socket that closes connections or uses another protocol is refused', async () => {
  const socket = path.join(directory, 's');
  const server = createServer((connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await listening(server, socket);
  const sentence = await refusal({ runtimeEndpoint: `unix://${socket}` });
  server.close();
  expect(sentence).toMatch(/^No CRI runtime answers at unix:/);
});

/** Starts a server that responds to `Version` of these services with an empty message until the test ends. */
async function grpcServer(services: readonly string[]): Promise<AsyncDisposable & { readonly socket: string }> {
  const server = new grpc.Server();
  const socket = path.join(directory, 'grpc');
  const bytes = (value: Buffer) => value;
  for (const service of services) {
    const Version = {
      path: `/${service}/Version`,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    };
    server.addService(
      { Version },
      { Version: (_: unknown, reply: grpc.sendUnaryData<Buffer>) => reply(null, Buffer.alloc(0)) },
    );
  }
  await new Promise<void>((resolve) =>
    server.bindAsync(`unix://${socket}`, grpc.ServerCredentials.createInsecure(), () => resolve()),
  );
  return { socket, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

test.each([
  ['without CRI', [], / is not a CRI runtime \(it does not implement runtime\.v1\.RuntimeService\)/],
  ['that supports only v1alpha2', ['runtime.v1alpha2.RuntimeService'], / supports only CRI v1alpha2, /],
])('a gRPC server %s is refused', async (_, services, says) => {
  await using server = await grpcServer(services);
  expect(await refusal({ runtimeEndpoint: server.socket })).toMatch(says);
});

test('missing and invalid manifests are refused', async () => {
  const refused = (staticPodPath: string) => refusal({ configuration: { staticPodPath } });
  expect(await refused(path.join(directory, 'none'))).toMatch(
    /^The static pod path .*none cannot be read \(ENOENT\): /,
  );
  const empty = path.join(directory, 'empty');
  await mkdir(empty);
  await writeFile(path.join(empty, 'pod.yaml'), 'apiVersion: v1\nkind: Nope\n');
  expect(await refused(empty)).toBe(`${path.join(empty, 'pod.yaml')}:2: kind must be Pod.`);
});

test('a root directory that cannot be created is refused', async () => {
  const file = path.join(directory, 'file');
  await writeFile(file, '');
  expect(await refusal({ rootDirectory: path.join(file, 'root') })).toMatch(
    /^The root directory .* cannot be written \(ENOTDIR\): /,
  );
  const root = path.join(directory, 'kept');
  await mkdir(root);
  await writeFile(path.join(root, 'checkpoints'), '');
  expect(await refusal({ rootDirectory: root })).toMatch(/ cannot be written \(EEXIST\)/);
});

test('a certificate and a key that do not match are refused', async () => {
  const one = await makeCertificates(['localhost']);
  const files: Record<string, string> = {
    'tls.crt': one.serving.certificate,
    'tls.key': one.client.key,
    'not.pem': 'x',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
  const of = (name: string) => path.join(directory, name);
  const refused = (tlsCertFile?: string, tlsPrivateKeyFile?: string) =>
    refusal({
      configuration: { ...(tlsCertFile && { tlsCertFile }), ...(tlsPrivateKeyFile && { tlsPrivateKeyFile }) },
    });
  expect(await refused(of('tls.crt'), of('tls.key'))).toMatch(
    /^The key in .*tls\.key does not belong to the certificate in .*tls\.crt: /,
  );
  expect(await refused(of('tls.crt'))).toMatch(/^Only tlsCertFile is set: /);
  expect(await refused(of('not.pem'), of('tls.key'))).toMatch(
    /^tlsCertFile .*not\.pem does not contain a certificate in PEM: /,
  );
  expect(await refused(of('missing'), of('tls.key'))).toMatch(/^tlsCertFile .*missing cannot be read \(ENOENT\): /);
});

test('a port that is in use and an invalid version are refused', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(await refusal({ configuration: { port } })).toBe(
    `127.0.0.1:${port} is in use: choose another port, or 0 for any free one.`,
  );
  server.close();
  expect(await refusal({ kubernetesVersion: '2.0' })).toMatch(/^2\.0 is not a version of Kubernetes: /);
});

test('an existing root directory keeps its mode, and directories created in it are private', async () => {
  const root = path.join(directory, 'root');
  await mkdir(root);
  await chmod(root, 0o711);
  const kubelet = await startFakeKubelet({ runtimeEndpoint: runtime.endpoint, rootDirectory: root });
  expect((await stat(root)).mode & 0o777).toBe(0o711);
  expect((await stat(path.join(root, 'checkpoints'))).mode & 0o777).toBe(0o700);
  const { clientKey } = kubelet.credentials;
  expect((await stat(clientKey)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(clientKey))).mode & 0o777).toBe(0o700);
  await kubelet.close();
  await expect(stat(clientKey)).rejects.toThrow('ENOENT');
});
