// Tests that Node and OpenSSL can read the certificates.
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { makeAuthority, makeCertificates } from './certificates';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

test('a serving certificate has the names and addresses of the endpoint', async () => {
  const { authority, serving } = await makeCertificates(['node1', '127.0.0.1', '::1', 'fe80::a:1']);
  const [ca, own] = [new X509Certificate(authority), new X509Certificate(serving.certificate)];
  expect([ca.ca, own.ca]).toEqual([true, false]);
  expect(ca.verify(ca.publicKey) && own.verify(ca.publicKey) && own.checkIssued(ca)).toBe(true);
  expect(own.subjectAltName).toBe(
    'DNS:node1, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FE80:0:0:0:0:0:A:1',
  );
  expect(own.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(BigInt(`0x${own.serialNumber}`)).toBeGreaterThan(2n ** 64n);
});

test('authorities with the same name are distinguished by their keys, which strict clients require', async () => {
  const [one, other] = await Promise.all([makeAuthority(), makeAuthority()]);
  const { certificate } = await one.serving(['node1']);
  const issuedBy = ({ certificate: pem }: typeof one) =>
    new X509Certificate(certificate).checkIssued(new X509Certificate(pem));
  expect([issuedBy(one), issuedBy(other)]).toEqual([true, false]);
});

describe('a client certificate', () => {
  test('names the user in its subject', async () => {
    const authority = await makeAuthority();
    const { certificate } = await authority.client({ name: 'zoë', groups: ['a', 'b'.repeat(300)] });
    const read = new X509Certificate(certificate).toLegacyObject();
    expect({ ...read.subject }).toEqual({ CN: 'zoë', O: ['a', 'b'.repeat(300)] });
    expect(read.ext_key_usage).toEqual([CLIENT_AUTH]);
  });

  test('can be expired, or without a purpose', async () => {
    const authority = await makeAuthority();
    const user = { name: 'x', groups: [] };
    const [expired, any] = await Promise.all([authority.client(user, 'expired'), authority.client(user, 'any-usage')]);
    expect(Date.parse(new X509Certificate(expired.certificate).validTo)).toBeLessThan(Date.now());
    expect(new X509Certificate(any.certificate).keyUsage).toBeUndefined();
  });

  test('of a subordinate authority is followed by the certificate of that authority', async () => {
    const root = await makeAuthority();
    const { certificate } = await (await root.subordinate()).client({ name: 'x', groups: [] });
    const [leaf, between] = certificate
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map((pem) => new X509Certificate(pem));
    expect(leaf?.checkIssued(new X509Certificate(root.certificate))).toBe(false);
    expect(between && leaf?.verify(between.publicKey)).toBe(true);
    expect(between?.verify(new X509Certificate(root.certificate).publicKey)).toBe(true);
  });
});
