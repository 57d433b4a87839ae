// Makes a node for tests: a scripted runtime, the manifest of one pod, and any number of kubelets.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from '../server';
import { type RecordedResponse, send } from './raw-client';
import { type ScriptedRuntime, startScriptedRuntime } from './scripted-runtime';

/** The manifest of a pod with an init container, a running container and a container that is never created. */
export const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  initContainers: [{name: prepare, image: "x:1", command: [sh, -c, exit 0]}]
  containers:
  - {name: app, image: "x:1", lifecycle: {preStop: {exec: {command: [bye]}}}}
  - {name: once, image: "absent:1", imagePullPolicy: Never}
`;

export interface OnePodNode extends AsyncDisposable {
  readonly runtime: ScriptedRuntime;
  readonly directory: string;
  /** Path of the manifest, which contains POD. */
  readonly manifest: string;
  start(options?: Partial<FakeKubeletOptions>): Promise<FakeKubelet>;
}

export async function onePodNode(): Promise<OnePodNode> {
  const runtime = await startScriptedRuntime();
  const directory = await mkdtemp(path.join(tmpdir(), 'node-'));
  const manifest = path.join(directory, 'pod.yaml');
  await writeFile(manifest, POD);
  return {
    runtime,
    directory,
    manifest,
    start: ({ configuration, ...options } = {}) =>
      startFakeKubelet({
        runtimeEndpoint: runtime.endpoint,
        rootDirectory: path.join(directory, 'root'),
        nodeName: 'n',
        configuration: { staticPodPath: manifest, ...configuration },
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const post = (
  kubelet: FakeKubelet,
  target: string,
  headers: Record<string, string> = {},
  client = 'client certificate',
): Promise<RecordedResponse> => send(kubelet, { method: 'POST', path: target, headers, client });

export async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
