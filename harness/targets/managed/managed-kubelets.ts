// Starts kubelets from a binary, one process each, as `kubelet --config FILE --root-dir DIR --hostname-override NAME`.
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import { KubeletClient } from '../../clients/kubelet-client';
import { freePort } from '../pair/free-port';
import type { KubeletOptions } from '../pair/kubelet-options';
import type { StartedKubelet, StartKubelet } from '../pair/kubelets';
import { poll } from '../subject/poll';
import type { KubeletBinary } from './binary';
import { kubeletFile } from './configuration-file';
import type { Isolation } from './isolation';
import { ProcessGroup } from './process-group';

/** Time for a kubelet to answer, milliseconds. Real kubelets need 3 to 15 seconds. */
const PATIENCE_MS = 60_000;
/** Number of ports to try. Another process may start to use a free port before the kubelet listens on it. */
const PORT_TRIES = 3;
const PORT_TAKEN = /address already in use|EADDRINUSE|cannot be listened on/;

export interface ManagedOptions {
  readonly binary: KubeletBinary;
  /** Arguments before the flags of the suite. If both set a flag, the suite's value wins. */
  readonly args: readonly string[];
  readonly isolation: Pick<Isolation, 'wrap'>;
  /** Time for a kubelet to answer, milliseconds. Default: 60000. */
  readonly patienceMs?: number;
}

const lastLinesText = (lines: readonly string[]) =>
  lines.length === 0 ? 'it printed nothing on standard error' : `its last output:\n${lines.join('\n')}`;

function flags({ rootDirectory, nodeName, connections, circumstances }: KubeletOptions, config: string): string[] {
  const { kubernetesVersion } = circumstances;
  return [
    ...['--config', config, '--hostname-override', nodeName],
    ...(circumstances.rootDirectory === 'default' ? [] : ['--root-dir', rootDirectory]),
    ...(connections.kubeconfig === undefined ? [] : ['--kubeconfig', connections.kubeconfig]),
    // Set this flag only for the fake kubelet: other binaries do not have it.
    ...(kubernetesVersion === undefined ? [] : ['--kubernetes-version', kubernetesVersion]),
  ];
}

/**
 * Waits for any response over TLS with the certificate of this kubelet. Throws UserError if the kubelet exits or does
 * not respond in time.
 */
async function waitForAnswer(
  group: ProcessGroup,
  url: string,
  {
    kubelet,
    signal,
    patienceMs,
  }: { readonly kubelet: KubeletOptions; readonly signal: AbortSignal; readonly patienceMs: number },
): Promise<void> {
  const client = new KubeletClient({ url, certificateAuthority: kubelet.clientAuthorities });
  let last = '';
  const probe = async () => {
    signal.throwIfAborted();
    if (group.end !== undefined)
      throw new UserError(`${group.end} before it answered; ${lastLinesText(group.lastLines)}`);
    try {
      await client.request({ target: '/healthz', credentials: 'none', signal });
      return true;
    } catch (error) {
      last = errorText(error);
      return false;
    }
  };
  try {
    const [isUp] = await poll(probe, (up) => up, patienceMs);
    if (!isUp)
      throw new UserError(
        `did not answer at ${url} within ${patienceMs / 1000} s (${last}); ${lastLinesText(group.lastLines)}`,
      );
  } finally {
    client.close();
  }
}

async function startOnce(
  options: ManagedOptions,
  kubelet: KubeletOptions,
  signal: AbortSignal,
): Promise<StartedKubelet> {
  const { binary, args, isolation, patienceMs = PATIENCE_MS } = options;
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const config = path.join(kubelet.directory, 'kubelet.yaml');
  await fs.writeFile(config, kubeletFile(kubelet, port), { mode: 0o600 });
  const temporary = path.join(kubelet.directory, 'tmp');
  await fs.mkdir(temporary, { recursive: true });
  const command = isolation.wrap([binary.file, ...args, ...flags(kubelet, config)]);
  const group = new ProcessGroup(command, { ...process.env, TMPDIR: temporary });
  try {
    await waitForAnswer(group, url, { kubelet, signal, patienceMs });
  } catch (error) {
    await group.stop();
    throw error;
  }
  return {
    url,
    ended: () => group.end && `the kubelet ${group.end} during the run; ${lastLinesText(group.lastLines)}`,
    close: () => group.stop(),
  };
}

/**
 * Makes a function that starts kubelet processes.
 *
 * @returns a function that starts a kubelet. If the kubelet does not start, this function rejects with a UserError that
 * contains the kubelet's last lines
 */
export function managedKubelets(options: ManagedOptions): StartKubelet {
  return async (kubelet, signal) => {
    for (let tries = 1; ; tries++) {
      try {
        return await startOnce(options, kubelet, signal);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (tries < PORT_TRIES && PORT_TAKEN.test(error.message)) continue;
        throw new UserError(`--kubelet-binary ${options.binary.file}: the kubelet ${error.message}`);
      }
    }
  };
}
