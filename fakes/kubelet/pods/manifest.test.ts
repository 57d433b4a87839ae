// Tests manifests: the defaults of missing fields, and the error messages for invalid manifests.
import { describe, expect, test } from '@jest/globals';
import { parseManifest } from './manifest';

const CONTEXT = { nodeName: 'Node-A', now: Date.UTC(2026, 0, 1), source: 'file' } as const;
const parse = (text: string) => parseManifest('/m/pod.yaml', text, CONTEXT);

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web.v2, namespace: shop, labels: {app: web}}
spec:
  initContainers:
  - {name: prepare, image: "busybox:1"}
  - {name: helper, image: "busybox:1", restartPolicy: Always}
  containers:
  - name: app
    image: registry:5000/app
    command: [sh]
    args: ["-c", "sleep 1"]
    env: [{name: A, value: b}, {name: EMPTY}]
    volumeMounts: [{name: scratch, mountPath: /tmp}, {name: data, mountPath: /data, readOnly: true}]
  volumes: [{name: data, hostPath: {path: /srv}}, {name: scratch, emptyDir: {}}]
`;

describe('a manifest', () => {
  test('is read as a pod of the node', () => {
    const [pod] = parse(POD);
    expect(pod).toMatchObject({ namespace: 'shop', name: 'web.v2-node-a', labels: { app: 'web' } });
    expect(pod?.uid).toMatch(/^[0-9a-f]{32}$/);
    expect(pod?.annotations).toEqual({
      'kubernetes.io/config.hash': pod?.uid,
      'kubernetes.io/config.seen': '2026-01-01T00:00:00Z',
      'kubernetes.io/config.source': 'file',
    });
    expect(pod?.spec).toMatchObject({ restartPolicy: 'Always', terminationGracePeriod: 30, hostNetwork: false });
    expect(pod?.spec.containers.map(({ kind, name, isSidecar }) => [kind, name, isSidecar])).toEqual([
      ['init', 'prepare', false],
      ['init', 'helper', true],
      ['regular', 'app', false],
    ]);
    expect(pod?.spec.containers[2]).toMatchObject({
      imagePullPolicy: 'Always',
      environment: [
        { name: 'A', value: 'b' },
        { name: 'EMPTY', value: '' },
      ],
      mounts: [{ containerPath: '/data', hostPath: '/srv', readonly: true }],
    });
  });

  test('has a UID that depends on node, file and content', () => {
    const uid = (file: string, text: string, nodeName: string) =>
      parseManifest(file, text, { ...CONTEXT, nodeName })[0]?.uid;
    const all = [uid('/a', POD, 'n'), uid('/b', POD, 'n'), uid('/a', `${POD}#`, 'n'), uid('/a', POD, 'm')];
    expect(new Set(all).size).toBe(4);
    expect(uid('/a', POD, 'n')).toBe(all[0]);
  });

  test('can be JSON, can lack a namespace, and can contain several pods', () => {
    const json = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'j' },
      spec: { containers: [{ name: 'c', image: 'i:1' }] },
    });
    expect(parse(json)).toMatchObject([{ namespace: 'default', name: 'j-node-a' }]);
    expect(parse(`${POD}---\n${json}\n---\n`).map(({ name }) => name)).toEqual(['web.v2-node-a', 'j-node-a']);
  });
});

test.each([
  ['a:1', 'IfNotPresent'],
  ['a', 'Always'],
  ['a:latest', 'Always'],
  ['h:5000/a', 'Always'],
  ['h:5000/a:1', 'IfNotPresent'],
  [`a@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
])('image %s has the pull policy %s', (image, policy) => {
  const [pod] = parse(POD.replace('registry:5000/app', `"${image}"`));
  expect(pod?.spec.containers[2]?.imagePullPolicy).toBe(policy);
});

test.each([
  ['not YAML', POD.replace('{name: web', '{name: [web'), /^\/m\/pod\.yaml:\d+: the text is not YAML: /],
  ['another kind', POD.replace('kind: Pod', 'kind: Job'), '/m/pod.yaml:2: kind must be Pod.'],
  ['no kind', POD.replace('kind: Pod\n', ''), '/m/pod.yaml:1: kind is missing.'],
  ['a list', '- a\n', '/m/pod.yaml:1: must be a mapping.'],
  ['a string', 'hello\n', '/m/pod.yaml:1: must be a mapping.'],
  ['no content', '# empty\n', '/m/pod.yaml:1: the manifest is empty: write a Pod into it.'],
  [
    'an invalid pod name',
    POD.replace('web.v2', '"../x"'),
    /^\/m\/pod\.yaml:3: metadata\.name "\.\.\/x" is not a valid name: /,
  ],
  [
    'an invalid container name',
    POD.replace('name: app\n', 'name: App\n'),
    /^\/m\/pod\.yaml:9: spec\.containers\[0\]\.name "App"/,
  ],
  [
    'no image',
    POD.replace('    image: registry:5000/app\n', ''),
    /^\/m\/pod\.yaml:9: spec\.containers\[0\]\.image is missing/,
  ],
  [
    'a number as a string value',
    POD.replace('value: b', 'value: 5'),
    /^\/m\/pod\.yaml:13: spec\.containers\[0\]\.env\[0\]\.value must be a string/,
  ],
  [
    'a duplicate container name',
    POD.replace('name: app\n', 'name: prepare\n'),
    /^\/m\/pod\.yaml:9: .* prepare is already the name of another/,
  ],
  [
    'an invalid restart policy',
    POD.replace('spec:\n', 'spec:\n  restartPolicy: No\n'),
    /^\/m\/pod\.yaml:5: spec\.restartPolicy must be one of/,
  ],
  [
    'aliases that expand without limit',
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    /^\/m\/pod\.yaml:1: not a manifest: /,
  ],
])('a manifest with %s is refused with file and line', (_, text, message) => {
  expect(() => parse(text)).toThrow(message);
});
