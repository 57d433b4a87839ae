// Calls a fake kubelet with Debian's kubectl through the fake API server: kubectl must print the kubelet's responses.
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FakeApiServer, startFakeApiServer, startFakeNode } from '../../../fakes';
import { Relay } from '../../targets/subject/relay';
import type { ImageProgress } from './image';
import type { StartedRuntimeContainer } from './runtime-container';

const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'docker.io/library/busybox:latest', command: ['sleep', 'infinity'] }] },
});
const NODE = 'kubectl-node';
const PROXY = `/api/v1/nodes/${NODE}/proxy`;
/** Port in the container, which has no network except loopback. */
const PORT = 6443;

interface KubectlRequest {
  readonly title: string;
  readonly args: readonly string[];
  readonly exitCode: number;
  /** Matches the expected output of kubectl. */
  readonly says: RegExp;
}

const REQUESTS: readonly KubectlRequest[] = [
  {
    title: 'a checkpoint',
    args: ['create', '--raw', `${PROXY}/checkpoint/shop/web/app?timeout=300`, '-f', '/dev/null'],
    exitCode: 0,
    says: /^\{"items":\["[^"]+\/checkpoints\/checkpoint-web_shop-app-[^"]+\.tar"\]\}$/,
  },
  {
    title: 'a checkpoint that fails',
    args: ['create', '--raw', `${PROXY}/checkpoint/shop/web/app?timeout=-1`, '-f', '/dev/null'],
    exitCode: 1,
    says: /checkpointing of shop\/web\/app failed \(CheckpointContainer requires the timeout value to be > 0\)/,
  },
  {
    title: 'an unknown container',
    args: ['create', '--raw', `${PROXY}/checkpoint/shop/web/nope`, '-f', '/dev/null'],
    exitCode: 1,
    says: /NotFound/,
  },
  { title: 'a healthy kubelet', args: ['get', '--raw', `${PROXY}/healthz`], exitCode: 0, says: /^ok$/ },
  {
    title: 'another node',
    args: ['get', '--raw', '/api/v1/nodes/nope/proxy/healthz'],
    exitCode: 1,
    says: /nodes "nope" not found/,
  },
];

/**
 * Writes the kubeconfig of the API server to a directory that the container shares. Replaces the address by the
 * loopback address and the port that the container uses.
 */
async function shareKubeconfig(api: FakeApiServer, directory: string): Promise<string> {
  const file = path.join(directory, 'kubeconfig');
  const text = (await readFile(api.kubeconfig, 'utf8')).replace(api.url, `https://127.0.0.1:${PORT}`);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

async function ask(container: StartedRuntimeContainer, kubeconfig: string, request: KubectlRequest): Promise<string[]> {
  const { output, exitCode } = await container.exec(['kubectl', '--kubeconfig', kubeconfig, ...request.args]);
  const text = output.trim();
  const location = request.exitCode === 0 && /\["(.*)"\]/.exec(text)?.[1];
  const isWritten =
    !location ||
    (await access(location).then(
      () => true,
      () => false,
    ));
  if (!isWritten) return [`kubectl, ${request.title}: there is no archive at ${location}`];
  if (exitCode === request.exitCode && request.says.test(text)) return [];
  return [`kubectl, ${request.title}: exit code ${exitCode} instead of ${request.exitCode}, and it prints: ${text}`];
}

/**
 * Runs all requests.
 *
 * @returns one sentence for each difference
 */
export async function judgeKubectl(container: StartedRuntimeContainer, progress: ImageProgress): Promise<string[]> {
  await using api = await startFakeApiServer();
  await using node = await startFakeNode({
    pods: [POD],
    kubelet: {
      nodeName: NODE,
      kubeconfig: api.nodeKubeconfig,
      clientAuthorities: [api.authority],
      configuration: { webhookAuthentication: true, authorization: 'Webhook' },
    },
  });
  const { url, credentials } = node.kubelet;
  api.addNode(NODE, { url, authority: await readFile(credentials.certificateAuthority, 'utf8') });
  const directory = container.getSharedDirectory();
  await using relay = await Relay.start(path.join(directory, 'api.sock'), `tcp://${new URL(api.url).host}`);
  const kubeconfig = await shareKubeconfig(api, directory);
  const socat = `socat TCP-LISTEN:${PORT},bind=127.0.0.1,fork,reuseaddr UNIX-CONNECT:${relay.path}`;
  await container.exec([
    'sh',
    '-c',
    `${socat} >/dev/null 2>&1 & until socat -u OPEN:/dev/null TCP:127.0.0.1:${PORT}; do sleep 0.1; done`,
  ]);
  const differences: string[] = [];
  for (const request of REQUESTS) differences.push(...(await ask(container, kubeconfig, request)));
  progress(
    `kubectl through the API server: ${differences.length === 0 ? 'as expected' : `${differences.length} differences`}`,
  );
  return differences;
}
