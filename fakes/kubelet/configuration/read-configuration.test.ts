// Tests configuration files: which settings have an effect, which cause warnings, and which are refused.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { UserError } from '../../base/user-error';
import { parseConfiguration, readConfiguration } from './read-configuration';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const read = (text: string) => parseConfiguration('k.yaml', HEAD + text);

test('the recorded configuration is read', () => {
  const text = readFileSync(path.join(__dirname, '../testdata/kubelet.yaml'), 'utf8');
  expect(parseConfiguration('kubelet.yaml', text)).toEqual({
    settings: {
      address: '127.0.0.1',
      port: 10260,
      readOnlyPort: 0,
      clientCAFile: '/etc/kubernetes/pki/ca.crt',
      anonymous: false,
      webhookAuthentication: false,
      authorization: 'AlwaysAllow',
      staticPodPath: '/etc/kubernetes/manifests',
    },
    runtimeEndpoint: 'unix:///run/containerd/containerd.sock',
    imageEndpoint: 'unix:///run/containerd/containerd.sock',
    warnings: [
      'kubelet.yaml sets fields that have no effect on the fake kubelet: healthzPort, cgroupDriver, cgroupsPerQOS, enforceNodeAllocatable, failSwapOn, failCgroupV1, evictionHard, localStorageCapacityIsolation, makeIPTablesUtilChains.',
    ],
  });
});

test('missing settings have the defaults of the file format', () => {
  expect(read('').settings).toEqual({ anonymous: false, webhookAuthentication: true, authorization: 'Webhook' });
});

test('durations, feature gates and TLS settings are read', () => {
  const text = [
    'runtimeRequestTimeout: 1m30s',
    'fileCheckFrequency: 500ms',
    'authentication: {webhook: {cacheTTL: 0s}}',
    'authorization: {mode: Webhook, webhook: {cacheAuthorizedTTL: 1s, cacheUnauthorizedTTL: 1h}}',
    'featureGates: {ContainerCheckpoint: false}',
    'tlsMinVersion: VersionTLS13',
    'tlsCipherSuites: [TLS_AES_128_GCM_SHA256]',
    'enableDebuggingHandlers: false',
  ].join('\n');
  expect(read(text)).toMatchObject({
    settings: {
      runtimeRequestTimeoutSeconds: 90,
      fileCheckSeconds: 0.5,
      allowedCacheSeconds: 1,
      deniedCacheSeconds: 3600,
      featureGates: { ContainerCheckpoint: false },
      tlsMinVersion: 'VersionTLS13',
      tlsCipherSuites: ['TLS_AES_128_GCM_SHA256'],
      enableDebuggingHandlers: false,
    },
    warnings: [],
  });
});

test('all unknown and duplicate fields are in one warning, and the last duplicate applies', () => {
  const text =
    'port: 1\nfoo: 1\nport: 2\nauthentication:\n  x509: {clientCaFile: x}\n  anonymous: {enabled: true, enabled: false}\n';
  const { settings, warnings } = read(text);
  expect(settings.port).toBe(2);
  expect(warnings).toEqual([
    'k.yaml has fields that a kubelet would warn about: unknown: foo (line 4), authentication.x509.clientCaFile (line 7); set twice, so that the last value applies: port (line 5), authentication.anonymous.enabled (line 8).',
  ]);
});

test('feature gates without effect cause a warning', () => {
  expect(read('featureGates: {ContainerCheckpoint: true, SomethingElse: true}').warnings).toEqual([
    'k.yaml sets fields that have no effect on the fake kubelet: featureGates.SomethingElse.',
  ]);
});

test('a configuration can be JSON', () => {
  const text = JSON.stringify({ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', port: 7 });
  expect(parseConfiguration('k.json', text).settings.port).toBe(7);
});

test.each([
  ['port: "10250"', 'k.yaml:3: port must be a whole number.'],
  ['port: 70000', 'k.yaml:3: port must be a port from 1 to 65535.'],
  ['runtimeRequestTimeout: 120', 'k.yaml:3: runtimeRequestTimeout must be a duration such as "2m" or "1h30m".'],
  ['syncFrequency: 1d', 'k.yaml:3: syncFrequency must be a duration such as "2m" or "1h30m".'],
  ['runtimeRequestTimeout: -1s', 'k.yaml:3: runtimeRequestTimeout must not be negative.'],
  ['maxPods: many', 'k.yaml:3: maxPods must be a whole number.'],
  ['failSwapOn: 1', 'k.yaml:3: failSwapOn must be true or false.'],
  ['authorization:\n  mode: RBAC', 'k.yaml:4: authorization.mode must be one of AlwaysAllow, Webhook.'],
  ['featureGates: {A: "true"}', 'k.yaml:3: featureGates.A must be true or false.'],
  ['authentication: []', 'k.yaml:3: authentication must be a mapping.'],
])('the invalid setting %j is refused', (text, sentence) => {
  expect(() => read(text)).toThrow(new UserError(sentence));
});

test('a file that is not a configuration is refused', async () => {
  const refused = (text: string, sentence: RegExp) => expect(() => parseConfiguration('f', text)).toThrow(sentence);
  refused('', /^f:1: is empty: /);
  refused('a: [', /^f:[12]: the text is not YAML: /);
  refused('kind: Pod\napiVersion: v1\n', /^f:1: kind must be KubeletConfiguration\.$/);
  refused(
    'kind: KubeletConfiguration\napiVersion: v1\n',
    /^f:2: apiVersion must be kubelet\.config\.k8s\.io\/v1beta1\.$/,
  );
  refused('- 1\n', /^f:1: must be a mapping\.$/);
  refused(`${HEAD}---\n${HEAD}`, /the text has several documents/);
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]`),
  ];
  refused(HEAD + bomb.join('\n'), /^f:1: not a KubeletConfiguration: /);
  await expect(readConfiguration('/nowhere/k.yaml')).rejects.toThrow(
    /^The configuration file \/nowhere\/k\.yaml cannot be read \(ENOENT\): /,
  );
});
