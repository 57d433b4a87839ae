// Tests pods that are added, changed and removed while a kubelet runs, in manifests and through `addPod`.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UserError } from '../../base/user-error';
import type { FakeKubelet } from '../server';
import { type OnePodNode, onePodNode, POD, post } from '../testing/one-pod-node';

const FAST = { fileCheckSeconds: 0.02 };
const pod = (name: string, more = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop}
spec:
  terminationGracePeriodSeconds: 7
  containers: [{name: c, image: "x:1"${more}}]
`;

let node: OnePodNode;

beforeEach(async () => {
  node = await onePodNode();
});

afterEach(async () => {
  await node[Symbol.asyncDispose]();
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/**
 * Writes a complete manifest and renames it into place. Without the renaming, the kubelet could read an incomplete
 * file.
 */
async function writeManifest(file: string, manifest: string): Promise<void> {
  const unseen = path.join(node.directory, 'unseen.yaml');
  await writeFile(unseen, manifest);
  await rename(unseen, file);
}

const names = (kubelet: FakeKubelet) => kubelet.pods().map((report) => report.pod.name);
const answers = async (kubelet: FakeKubelet, name: string, container = 'c') =>
  (await post(kubelet, `/checkpoint/shop/${name}/${container}`)).status;
const sandboxes = () => [...node.runtime.sandboxes.values()].map(({ metadata }) => metadata?.name);

describe('manifests in the manifest directory', () => {
  test('that are added, changed and removed take effect', async () => {
    const directory = path.join(node.directory, 'manifests');
    await mkdir(directory);
    await using kubelet = await node.start({ configuration: { ...FAST, staticPodPath: directory } });
    expect(names(kubelet)).toEqual([]);
    const file = path.join(directory, 'one.yaml');
    await writeManifest(file, pod('one'));
    await until(async () => (await answers(kubelet, 'one-n')) === 200);
    const [first] = kubelet.pods().map((report) => report.pod.uid);
    node.runtime.calls.length = 0;
    await writeManifest(file, pod('one', ', command: [other]'));
    await until(() => kubelet.pods()[0]?.pod.uid !== first);
    await until(async () => (await answers(kubelet, 'one-n')) === 200);
    const order = node.runtime.calls
      .map(({ method }) => method)
      .filter((method) => /^(Stop|Remove|Run|Create|Start)/.test(method));
    expect(order).toEqual([
      'StopContainer',
      'StopPodSandbox',
      'RemoveContainer',
      'StopPodSandbox',
      'RemovePodSandbox',
      'RunPodSandbox',
      'CreateContainer',
      'StartContainer',
    ]);
    expect(node.runtime.calls.find(({ method }) => method === 'StopContainer')?.request).toMatchObject({
      timeout: '7',
    });
    await rm(file);
    await until(() => names(kubelet).length === 0);
    expect(await answers(kubelet, 'one-n')).toBe(404);
    await until(() => sandboxes().length === 0);
  });

  test('that are invalid cause one warning each, and do not affect other manifests', async () => {
    const directory = path.join(node.directory, 'manifests');
    await mkdir(directory);
    await writeManifest(path.join(directory, 'a.yaml'), pod('a'));
    const warnings: string[] = [];
    await using kubelet = await node.start({
      configuration: { ...FAST, staticPodPath: directory },
      warn: (sentence) => void warnings.push(sentence),
    });
    await writeManifest(path.join(directory, 'b.yaml'), 'kind: Nope\n');
    await until(() => warnings.length > 0);
    await writeManifest(path.join(directory, 'c.yaml'), pod('a'));
    await until(() => warnings.length > 1);
    await rm(directory, { recursive: true });
    await until(() => warnings.length > 2);
    expect(warnings).toEqual([
      `${path.join(directory, 'b.yaml')}:1: kind must be Pod.`,
      `${path.join(directory, 'c.yaml')}:1: pod shop/a-n is also in ${path.join(directory, 'a.yaml')}: give one of them another name.`,
      expect.stringMatching(/^The static pod path .* cannot be read \(ENOENT\)/),
    ]);
    expect(names(kubelet)).toEqual(['a-n']);
  });
});

describe('pods added through `addPod`', () => {
  test("keep their names without the node's name, and can be removed", async () => {
    await using kubelet = await node.start();
    const added = await kubelet.addPod(
      `${pod('p')}---\n${JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'q' }, spec: { containers: [{ name: 'c', image: 'x:1' }], ephemeralContainers: [{ name: 'e', image: 'x:1' }] } })}`,
    );
    expect(added).toEqual([
      { namespace: 'shop', name: 'p' },
      { namespace: 'default', name: 'q' },
    ]);
    expect(await answers(kubelet, 'p')).toBe(200);
    expect((await post(kubelet, '/checkpoint/default/q/e')).status).toBe(200);
    expect(await kubelet.removePod('shop', 'p')).toBe(true);
    expect(await kubelet.removePod('shop', 'p')).toBe(false);
    expect(await answers(kubelet, 'p')).toBe(404);
    expect(sandboxes().sort()).toEqual(['q', 'web-n']);
    const annotations = node.runtime.calls
      .filter(({ method }) => method === 'RunPodSandbox')
      .map(({ request }) => JSON.stringify(request));
    expect(annotations.at(-1)).toContain('"kubernetes.io/config.source":"api"');
  });

  test('must be valid pods with unused names', async () => {
    await using kubelet = await node.start();
    await expect(kubelet.addPod('kind: Nope')).rejects.toThrow(new UserError('manifest:1: kind must be Pod.'));
    await expect(kubelet.addPod(POD.replace('name: web,', 'name: web-n,'))).rejects.toThrow(
      /^A pod shop\/web-n already exists: /,
    );
    await expect(kubelet.addPod(`${pod('x')}---\n${pod('x')}`)).rejects.toThrow(/^A pod shop\/x already exists: /);
    expect(names(kubelet)).toEqual(['web-n']);
  });

  test.each(['../up', 'a/b', 'a\\0b', 'a\nb', 'x'.repeat(300), ''])('cannot have the name %j', async (name) => {
    await using kubelet = await node.start();
    const manifest = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, uid: '../../x' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    await expect(kubelet.addPod(manifest)).rejects.toThrow(UserError);
  });

  test('are refused if they would exhaust memory or time', async () => {
    await using kubelet = await node.start({ configuration: { staticPodPath: '' } });
    const lines = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefghijk'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`)}]`),
    ];
    await expect(kubelet.addPod(lines.join('\n'))).rejects.toThrow(UserError);
    await expect(kubelet.addPod('a: &a {b: *a}')).rejects.toThrow(UserError);
    await expect(kubelet.addPod('['.repeat(100_000))).rejects.toThrow('manifest:1: the text is nested too deeply: ');
    await expect(kubelet.addPod('k: v\n'.repeat(300_000))).rejects.toThrow(
      'manifest:1: the manifest has 1500000 bytes: ',
    );
  });
});
