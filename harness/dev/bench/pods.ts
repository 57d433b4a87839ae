// Creates pods as a kubelet does, for the benchmark.
import type { BenchClient } from './client';

const IMAGE = 'docker.io/library/busybox:latest';
const COMMAND = ['/bin/sh', '-c', 'while true; do sleep 3600; done'];

const labelsOf = (name: string) => ({
  'io.kubernetes.pod.name': name,
  'io.kubernetes.pod.namespace': 'default',
  'io.kubernetes.pod.uid': `uid-of-${name}`,
});

function sandboxConfig(name: string, logs: string) {
  return {
    metadata: { name, namespace: 'default', uid: `uid-of-${name}`, attempt: 0 },
    hostname: name,
    log_directory: logs,
    labels: labelsOf(name),
    annotations: {
      'kubernetes.io/config.seen': '2026-11-23T12:00:00.000000000Z',
      'kubernetes.io/config.source': 'file',
    },
    linux: { cgroup_parent: `/kubepods/${name}`, security_context: { namespace_options: { network: 'POD' as const } } },
  };
}

const containerConfig = (pod: string, name: string) => ({
  metadata: { name, attempt: 0 },
  image: { image: IMAGE },
  command: COMMAND,
  envs: [{ key: 'KUBERNETES_SERVICE_HOST', value: Buffer.from('10.0.0.1') }],
  labels: { ...labelsOf(pod), 'io.kubernetes.container.name': name },
  annotations: {
    'io.kubernetes.container.hash': '54ef21a',
    'io.kubernetes.container.restartCount': '0',
    'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
    'io.kubernetes.container.terminationMessagePolicy': 'File',
    'io.kubernetes.pod.terminationGracePeriod': '30',
  },
  log_path: `${pod}-${name}.log`,
  linux: { resources: { cpu_shares: 2, oom_score_adj: 1000 } },
});

/**
 * Creates a sandbox and starts containers in it. A pod with one container needs three calls.
 *
 * @param containers number of containers
 * @returns the ids of the containers
 */
export async function makePod(client: BenchClient, name: string, logs: string, containers: number): Promise<string[]> {
  const sandbox_config = sandboxConfig(name, logs);
  const { pod_sandbox_id } = await client.call('RunPodSandbox', { config: sandbox_config });
  const ids: string[] = [];
  for (let n = 0; n < containers; n += 1) {
    const config = containerConfig(name, `main-${n}`);
    const { container_id } = await client.call('CreateContainer', { pod_sandbox_id, config, sandbox_config });
    await client.call('StartContainer', { container_id });
    ids.push(container_id);
  }
  return ids;
}

/**
 * Runs work `count` times, at most `width` at once.
 *
 * @returns the duration, milliseconds
 */
export async function inFlight(count: number, width: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return performance.now() - start;
}
