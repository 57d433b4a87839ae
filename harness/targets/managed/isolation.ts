// Keeps what a kubelet writes and mounts outside of its root directory off this machine, where there is leave to do so.
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';

/** Where kubelets write whatever they are told: sockets of device plugins, and links to the logs of containers. */
const WRITTEN_TO = ['/var/lib/kubelet', '/var/log'];

const COVER = 'for d in $COVERED; do mount -t tmpfs -o mode=0755 ckptest "$d" || exit 125; done; exec "$@"';

/** A command that runs another one in a mount namespace of its own, with empty directories over what it might write to. */
const within = (command: readonly string[]) => [
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c'],
  `COVERED='${WRITTEN_TO.join(' ')}'; ${COVER}`,
  'sh',
  ...command,
];

const succeeds = (command: readonly string[]) => {
  const [program = '', ...args] = command;
  return new Promise<boolean>((resolve) => execFile(program, args, (error) => resolve(error === null)));
};

export interface Isolation extends AsyncDisposable {
  /** Whether kubelets cannot touch this machine's directories; else commands run as they are. */
  readonly isComplete: boolean;
  wrap(command: readonly string[]): readonly string[];
}

/**
 * Makes the directories to be covered where they are missing, and takes those away again in the end.
 * @param needed paths that a kubelet has to find; where one of them would be covered, nothing is
 */
export async function isolation(needed: readonly string[]): Promise<Isolation> {
  const isInTheWay = WRITTEN_TO.some((directory) => needed.some((file) => file.startsWith(`${directory}/`)));
  if (isInTheWay) return { isComplete: false, wrap: (command) => command, [Symbol.asyncDispose]: async () => {} };
  const made: string[] = [];
  const dispose = async () => {
    // Only what is still empty is ours to remove.
    for (const directory of made.splice(0).reverse()) await fs.rmdir(directory).catch(() => {});
  };
  for (const directory of WRITTEN_TO) {
    const first = await fs.mkdir(directory, { recursive: true }).catch(() => undefined);
    if (first !== undefined) made.push(directory);
  }
  const isComplete = await succeeds(within(['true']));
  if (!isComplete) await dispose();
  return { isComplete, wrap: (command) => (isComplete ? within(command) : command), [Symbol.asyncDispose]: dispose };
}
