// A process for the benchmark that runs a fake kubelet with many pods of many containers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startFakeKubelet } from '../../../fakes/kubelet/server';

const AT_ONCE = 10;

const manifest = (n: number, containers: number) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `bench-${n}`, namespace: 'default' },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 0,
      containers: Array.from({ length: containers }, (_, i) => ({
        name: `main-${i}`,
        image: 'docker.io/library/busybox:latest',
        imagePullPolicy: 'Never',
        command: ['sleep', '3600'],
      })),
    },
  });

async function main(pods: number, containers: number, runtimeEndpoint: string) {
  const rootDirectory = await mkdtemp(path.join(tmpdir(), 'ckptest-bench-root-'));
  const kubelet = await startFakeKubelet({ runtimeEndpoint, rootDirectory, configuration: { port: 0 } });
  process.once('disconnect', () => {
    void (async () => {
      await kubelet.close();
      await rm(rootDirectory, { recursive: true, force: true });
      process.exit();
    })();
  });
  for (let n = 0; n < pods; n += AT_ONCE)
    await kubelet.addPod(
      Array.from({ length: Math.min(AT_ONCE, pods - n) }, (_, i) => manifest(n + i, containers)).join('\n---\n'),
    );
  process.send?.({ url: kubelet.url, rootDirectory, ...kubelet.credentials });
}

void main(Number(process.argv[2]), Number(process.argv[3]), process.argv[4] ?? '');
