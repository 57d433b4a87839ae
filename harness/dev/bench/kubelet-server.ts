// A process for the benchmark that runs a fake node. It sends its addresses at startup, and its memory usage on
// request.
import { startFakeKubelet } from '../../../fakes/kubelet/server';
import { startRuntimeServer } from '../../../fakes/runtime/server';

const POD =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bench"},"spec":{"containers":[{"name":"c","image":"docker.io/library/busybox:latest","imagePullPolicy":"Never","command":["/bin/sh","-c","while true; do sleep 3600; done"]}]}}';

async function main(rootDirectory: string) {
  const runtime = await startRuntimeServer();
  const kubelet = await startFakeKubelet({ runtimeEndpoint: runtime.endpoint, rootDirectory, nodeName: 'bench' });
  await kubelet.addPod(POD);
  process.on('message', () => process.send?.({ residentBytes: process.memoryUsage.rss() }));
  process.once('disconnect', () => void kubelet.close().then(() => runtime.close()));
  process.send?.({ url: kubelet.url, ...kubelet.credentials });
}

void main(process.argv[2] ?? '');
