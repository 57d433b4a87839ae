// Tests which client certificates are accepted: their authority, their validity, and the names in them.

import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { UserInfo } from '../../go/net-http/exchange';
import { type Certificates, makeAuthority, makeCertificates } from '../../pki/certificates';
import type { FakeKubelet } from '../server';
import { type OnePodNode, onePodNode, post } from '../testing/one-pod-node';

let node: OnePodNode;

beforeEach(async () => {
  node = await onePodNode();
});

afterEach(async () => {
  await node[Symbol.asyncDispose]();
});

async function withClientCertificate(
  kubelet: FakeKubelet,
  pair: { certificate: string; key: string },
): Promise<FakeKubelet> {
  const files = {
    clientCertificate: path.join(node.directory, 'c.crt'),
    clientKey: path.join(node.directory, 'c.key'),
  };
  await writeFile(files.clientCertificate, pair.certificate);
  await writeFile(files.clientKey, pair.key);
  return { ...kubelet, credentials: { ...kubelet.credentials, ...files } };
}

const status = async (kubelet: FakeKubelet) => (await post(kubelet, '/checkpoint/a/b/c')).status;
const people = (certificates: Certificates) => {
  const [first] = certificates.others;
  if (!first) throw new Error('nobody was asked for');
  return first;
};

test('a change of the CA bundle takes effect while the kubelet runs', async () => {
  const [one, two] = await Promise.all([
    makeCertificates(['localhost'], [{ name: 'ann', groups: ['a', 'b'] }]),
    makeCertificates(['localhost'], [{ name: 'bea', groups: [] }]),
  ]);
  const bundle = path.join(node.directory, 'ca.crt');
  await writeFile(bundle, one.authority);
  const seen: (UserInfo | undefined)[] = [];
  await using kubelet = await node.start({
    configuration: { clientCAFile: bundle },
    http: [
      (request, next) => {
        seen.push(request.user);
        return next(request);
      },
    ],
  });
  const ann = await withClientCertificate(kubelet, people(one));
  expect(await status(ann)).toBe(404);
  const digest = new X509Certificate(people(one).certificate).fingerprint256.replaceAll(':', '').toLowerCase();
  expect(seen).toEqual([
    {
      name: 'ann',
      groups: ['a', 'b', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
    },
  ]);
  await writeFile(bundle, 'no certificate at all');
  const bea = await withClientCertificate(kubelet, people(two));
  expect(await status(bea)).toBe(401);
  await writeFile(bundle, two.authority);
  while ((await status(bea)) !== 404) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await status(await withClientCertificate(kubelet, people(one)))).toBe(401);
  // The client certificate that the kubelet created at startup stays valid.
  expect(await status(kubelet)).toBe(404);
}, 20_000);

test('a serving certificate is refused as a client certificate', async () => {
  const made = await makeCertificates(['localhost']);
  const bundle = path.join(node.directory, 'ca.crt');
  await writeFile(bundle, made.authority);
  await using kubelet = await node.start({ configuration: { clientCAFile: bundle, anonymous: true } });
  expect(await status(await withClientCertificate(kubelet, made.serving))).toBe(401);
  expect(await status(await withClientCertificate(kubelet, made.client))).toBe(404);
});

test('an expired client certificate is refused, even with a valid signature', async () => {
  const authority = await makeAuthority();
  await using kubelet = await node.start({ clientAuthorities: [authority.certificate] });
  const ann = { name: 'ann', groups: [] };
  expect(await status(await withClientCertificate(kubelet, await authority.client(ann)))).toBe(404);
  expect(await status(await withClientCertificate(kubelet, await authority.client(ann, 'expired')))).toBe(401);
});

test('a certificate chain is verified up to an authority of the bundle, and the extended key usage may be absent', async () => {
  const [authority, other] = await Promise.all([makeAuthority(), makeAuthority()]);
  await using kubelet = await node.start({ clientAuthorities: [authority.certificate] });
  const ann = { name: 'ann', groups: [] };
  const pair = await (await authority.subordinate()).client(ann);
  expect(await status(await withClientCertificate(kubelet, pair))).toBe(404);
  const [leaf = ''] = pair.certificate.split(/(?<=-----END CERTIFICATE-----\n)/);
  expect(await status(await withClientCertificate(kubelet, { ...pair, certificate: leaf }))).toBe(401);
  expect(await status(await withClientCertificate(kubelet, await authority.client(ann, 'any-usage')))).toBe(404);
  expect(await status(await withClientCertificate(kubelet, await other.client(ann)))).toBe(401);
});

test('a valid token is accepted together with an invalid certificate, and an invalid certificate alone is not anonymous', async () => {
  const other = await makeAuthority();
  await using kubelet = await node.start({ configuration: { anonymous: true } });
  const shown = await withClientCertificate(kubelet, await other.client({ name: 'ann', groups: [] }));
  const token = { authorization: `Bearer ${kubelet.credentials.token}` };
  expect((await post(shown, '/checkpoint/a/b/c')).status).toBe(401);
  expect((await post(shown, '/checkpoint/a/b/c', token)).status).toBe(404);
  expect((await post(kubelet, '/checkpoint/a/b/c', {}, 'none')).status).toBe(404);
});
