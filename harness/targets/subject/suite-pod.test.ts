// Tests that the suite requests sandboxes and containers in the same way as a recorded kubelet 1.36.2.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CriRequestInit, criCall } from '../../../proto/load';
import { SuitePod } from './suite-pod';
import recorded from './testdata/kubelet-1.36.2-requests.json';

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-pod-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

/** Matches fields that depend on the machine: its DNS servers and the sizes of its huge pages. */
const OF_THE_MACHINE = /dns_config|hugepage_limits/;
/** Matches fields with the name, the command and the file paths of a pod. */
const OWN =
  /metadata|image\.|command|host_path|log_directory|uid$|hash$|seen$|pod\.name$|namespace$|container\.name$|log_path/;

/**
 * Returns the fields with values other than their defaults, each as a path with its value. Values that differ between
 * pods are omitted.
 */
function fieldsOf(value: unknown, prefix = ''): string[] {
  if (value === null || value === '' || value === '0' || value === 0 || value === false) return [];
  if (typeof value !== 'object') return [OWN.test(prefix) ? prefix : `${prefix} = ${value}`];
  return Object.entries(value).flatMap(([key, inner]) => fieldsOf(inner, prefix === '' ? key : `${prefix}.${key}`));
}

/** Returns the fields of a request in its encoded form. */
function onTheWire<M extends 'RunPodSandbox' | 'CreateContainer'>(method: M, request: CriRequestInit<M>): string[] {
  const { requestSerialize, requestDeserialize } = criCall(method);
  return fieldsOf(requestDeserialize(requestSerialize(request)))
    .filter((field) => !OF_THE_MACHINE.test(field))
    .sort();
}

test('a sandbox and a container of the suite are those of a kubelet', async () => {
  const pod = new SuitePod(directory, '');
  await pod.prepare();
  const image = { id: 'sha256:0', name: 'busybox', user: { run_as_user: {} } };
  const config = await pod.container('count', image, ['/bin/sh', '-c', 'true'], { attempt: 4 });
  const kubelet = recorded as unknown as {
    RunPodSandbox: CriRequestInit<'RunPodSandbox'>;
    CreateContainer: CriRequestInit<'CreateContainer'>;
  };
  expect(onTheWire('RunPodSandbox', { config: pod.config })).toEqual(onTheWire('RunPodSandbox', kubelet.RunPodSandbox));
  const own = { pod_sandbox_id: 'x', sandbox_config: pod.config, config };
  expect(onTheWire('CreateContainer', own).filter((field) => !field.startsWith('pod_sandbox_id'))).toEqual(
    onTheWire('CreateContainer', kubelet.CreateContainer).filter((field) => !field.startsWith('pod_sandbox_id')),
  );
  expect(fs.existsSync(config.mounts?.[0]?.host_path ?? '')).toBe(true);
});

test('labels, annotations and the environment of a rule come on top', async () => {
  const pod = new SuitePod(directory, '');
  const image = { id: 'sha256:0', name: 'busybox', user: { run_as_user: {} } };
  const options = { labels: { mine: 'x' }, annotations: { also: 'y' }, environment: { A: 'b' }, attempt: 2 };
  const { labels, annotations, envs, log_path } = await pod.container('own', image, [], options);
  expect(labels).toMatchObject({ mine: 'x', 'io.kubernetes.container.name': 'own' });
  expect(annotations).toMatchObject({ also: 'y', 'io.kubernetes.container.restartCount': '2' });
  expect(envs).toEqual([{ key: 'A', value: Buffer.from('b') }]);
  expect(log_path).toBe('own/2.log');
});
