// Tests that a single warning names all fields in a manifest that a Pod does not have.
import { expect, test } from '@jest/globals';
import { parseManifest } from './manifest';

function warningsOf(text: string): string[] {
  const warnings: string[] = [];
  const warn = (sentence: string) => void warnings.push(sentence);
  parseManifest('/m/pod.yaml', text, { nodeName: 'n', now: 0, source: 'file', warn });
  return warnings;
}

test('misspelled fields are named with their lines, in one warning', () => {
  const text = `apiVersion: v1
kind: Pod
metadata: {name: web, lables: {app: web}}
spec:
  terminationGracePeriod: 1
  containers:
  - name: app
    image: busybox
    comand: [sh]
    securityContext: {runAsUsr: 1, capabilities: {dropped: [ALL]}}
`;
  expect(warningsOf(text)).toEqual([
    '/m/pod.yaml has fields that a Pod does not have, and they are ignored: metadata.lables (line 3), spec.terminationGracePeriod (line 5), spec.containers[0].comand (line 9), spec.containers[0].securityContext.runAsUsr (line 10), spec.containers[0].securityContext.capabilities.dropped (line 10).',
  ]);
});

test('many fields are counted', () => {
  const extra = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`x${i}`, 1]));
  const spec = { ...extra, containers: [{ name: 'a', image: 'b' }] };
  const [warning] = warningsOf(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec }));
  expect(warning).toMatch(/spec\.x9 \(line 1\) and 2 more\.$/);
});

test('fields of a Pod cause no warning, also if they have no effect here', () => {
  const probe = { httpGet: { path: '/', port: 80 }, periodSeconds: 1 };
  const container = {
    name: 'app',
    image: 'busybox',
    ports: [{ containerPort: 80 }],
    env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    resources: { limits: { cpu: '1', 'example.com/gpu': 1 } },
    livenessProbe: probe,
    lifecycle: { preStop: { exec: { command: ['bye'] } }, postStart: { sleep: { seconds: 1 } } },
    volumeMounts: [{ name: 'v', mountPath: '/v' }],
  };
  const spec = {
    containers: [container],
    volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }],
    affinity: { nodeAffinity: {} },
    nodeSelector: { any: 'label' },
  };
  const metadata = { name: 'web', labels: { any: 'x' }, annotations: { 'any/other': 'x' } };
  expect(warningsOf(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: {} }))).toEqual([]);
});
