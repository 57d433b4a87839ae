// Tests that each mistake of a user gets one sentence and exit status 2, and leaves nothing behind.
import { once } from 'node:events';
import fs from 'node:fs/promises';
import http2 from 'node:http2';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeCertificates } from '../fakes/pki/certificates';
import { ckptest } from './testing/command-line';
import { directoryPerFile } from './testing/temporary-directory';

const { inDirectory, leftOvers } = directoryPerFile('mistakes');

describe('gives one sentence and exit status 2, and leaves nothing, for', () => {
  const servers: { close(): unknown }[] = [];
  let takenPort = 0;
  beforeAll(async () => {
    await fs.mkdir(inDirectory('empty'));
    await fs.mkdir(inDirectory('broken'));
    await fs.writeFile(inDirectory('broken/pod.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: [\n');
    await fs.writeFile(inDirectory('file'), '');
    await fs.writeFile(inDirectory('config.yaml'), 'runtime-endpoints: unix:///x\n');
    await fs.writeFile(inDirectory('known-bad.yaml'), '- {id: kubelet/none}\n');
    const [one, two] = await Promise.all([makeCertificates(['localhost']), makeCertificates(['localhost'])]);
    await fs.writeFile(inDirectory('cert.pem'), one.serving.certificate);
    await fs.writeFile(inDirectory('key.pem'), two.serving.key);
    const silent = net.createServer((socket) => socket.on('error', () => {}).end('hello\n'));
    silent.listen(inDirectory('not-grpc.sock'));
    const h2 = http2.createServer((_, response) => response.stream.respond({ ':status': 404 }, { endStream: true }));
    h2.listen(inDirectory('not-cri.sock'));
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    servers.push(silent, taken, h2);
    const address = taken.address();
    if (typeof address === 'object') takenPort = address?.port ?? 0;
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  const cases: readonly (readonly [what: string, args: () => Promise<string[]> | string[], says: RegExp])[] = [
    ['an unknown flag', () => ['run', '--colour'], /unknown option '--colour'/],
    ['an unknown command', () => ['walk'], /unknown command 'walk'/],
    ['an unknown profile', () => ['run', '--profile', 'best'], /Allowed choices are kubelet, runtime/],
    ['a bad pattern', () => ['run', '--focus', '('], /--focus \(: .*regular expression/],
    ['an unknown level', () => ['run', '--level', 'high'], /--level high: .*documented/],
    ['a choice of nothing', () => ['run', '--focus', 'unknwon-pod'], /the nearest ids are .*unknown-pod-is-404/],
    [
      'an unknown mutant',
      () => ['run', '--mutant', 'none'],
      /--mutant none: there is no such mutant; the nearest are /,
    ],
    [
      'a misspelled persona',
      () => ['run', '--persona', 'containerd-2.3+restor'],
      /nearest are containerd-2\.3\+restore,/,
    ],
    [
      'a variant as mutant',
      () => ['run', '--mutant', 'slow-answers'],
      /a variant, not a mutant; give it to --variant$/m,
    ],
    [
      'a mutant as persona',
      () => ['run', '--persona', 'archive-empty'],
      /a mutant, not a persona; give it to --mutant$/m,
    ],
    [
      'a persona of a kubelet as one of a runtime',
      () => ['serve', '--persona', 'kubelet-1.30'],
      /--persona kubelet-1\.30: this is a persona of a kubelet, .* give it to --kubelet-persona$/m,
    ],
    [
      'a persona of a runtime as one of a kubelet',
      () => ['serve', '--kubelet-persona', 'containerd-2.1'],
      /--kubelet-persona containerd-2\.1: this is a persona of a runtime, .* give it to --persona$/m,
    ],
    [
      'mutants on a real runtime',
      () => ['run', '--runtime-endpoint', 'unix:///x', '--mutant', 'archive-empty'],
      /--mutant goes with the built-in fakes, and not with --runtime-endpoint/,
    ],
    [
      'an unknown key',
      () => ['run', '--config', inDirectory('config.yaml')],
      /config\.yaml: unknown key runtime-endpoints/,
    ],
    ['a missing configuration', () => ['run', '--config', inDirectory('none.yaml')], /none\.yaml: ENOENT/],
    [
      'a list that lacks a word',
      () => ['run', '--known-failures', inDirectory('known-bad.yaml')],
      /entry 1 lacks reason/,
    ],
    [
      'a missing socket',
      () => ['run', '--runtime-endpoint', 'unix:///nowhere.sock'],
      /--runtime-endpoint unix:\/\/\/nowhere\.sock: no CRI runtime .*ENOENT \/nowhere\.sock\); start the runtime/,
    ],
    [
      'a socket that is not gRPC',
      () => ['run', '--runtime-endpoint', `unix://${inDirectory('not-grpc.sock')}`],
      /no CRI runtime answers/,
    ],
    [
      'a socket that is not CRI',
      () => ['run', '--runtime-endpoint', `unix://${inDirectory('not-cri.sock')}`],
      /answers gRPC but not CRI v1|no CRI runtime answers/,
    ],
    [
      'serve: a missing socket',
      () => ['serve', '--container-runtime-endpoint', 'unix:///nowhere.sock'],
      /nowhere\.sock/,
    ],
    [
      'serve: a socket that is not CRI',
      () => ['serve', '--container-runtime-endpoint', `unix://${inDirectory('not-grpc.sock')}`],
      /not-grpc\.sock/,
    ],
    ['serve: no manifest directory', () => ['serve', '--pod-manifest-path', inDirectory('none')], /none.*/],
    [
      'serve: a directory without manifests',
      () => ['serve', '--pod-manifest-path', inDirectory('empty')],
      /it contains no manifest/,
    ],
    [
      'serve: a broken manifest',
      () => ['serve', '--pod-manifest-path', inDirectory('broken')],
      /pod\.yaml.*line \d|pod\.yaml:\d+/,
    ],
    ['serve: an unwritable root directory', () => ['serve', '--root-dir', inDirectory('file/root')], /file\/root/],
    [
      'serve: a certificate that does not fit its key',
      () => ['serve', '--tls-cert-file', inDirectory('cert.pem'), '--tls-private-key-file', inDirectory('key.pem')],
      /cert\.pem|key\.pem/,
    ],
    ['serve: a port in use', () => ['serve', '--port', String(takenPort)], /in use/],
    ['serve: a bad port', () => ['serve', '--port', '70000'], /--port 70000/],
    [
      'serve: a bad gate',
      () => ['serve', '--feature-gates', 'ContainerCheckpoint=maybe'],
      /--feature-gates ContainerCheckpoint=maybe/,
    ],
    ['serve: an unknown persona', () => ['serve', '--kubelet-persona', 'best'], /best/],
    ['serve: an image that has no name', () => ['serve', '--image', 'a b'], /"a b" is not an image reference/],
    ['serve: the same of an archive', () => ['serve', '--image', 'UPPER=/a.tar'], /"UPPER" is not an image reference/],
    ['serve: an image of no archive', () => ['serve', '--image', 'localhost/x='], /image localhost\/x cannot be made/],
    ['serve: only a kubelet, on nothing', () => ['serve', '--kubelet-only'], /--container-runtime-endpoint/],
  ];

  test.each(cases)('%s', async (_, args, says) => {
    const before = await leftOvers();
    const { status, out, err } = await ckptest(await args());
    expect(err).toMatch(says);
    expect(err).not.toMatch(/\n +at |internal error/);
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(await leftOvers()).toEqual(before);
  });
});
