// Hides directories of this machine from a kubelet, so that it writes nothing outside its root directory. Needs root.
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';

/**
 * Directories in which kubelets create sockets of device plugins and links to container logs, even if they have a
 * different root directory.
 */
const WRITTEN_TO = ['/var/lib/kubelet', '/var/log'];

const COVER = 'for d in $COVERED; do mount -t tmpfs -o mode=0755 ckptest "$d" || exit 125; done; exec "$@"';

/**
 * Wraps a command so that it runs in its own mount namespace. In this namespace, empty directories hide the directories
 * in WRITTEN_TO.
 */
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
  /** Whether the directories of this machine are protected. If false, `wrap` returns commands unchanged. */
  readonly isComplete: boolean;
  wrap(command: readonly string[]): readonly string[];
}

/**
 * Prepares the isolation. Creates the directories to hide if they do not exist. Disposal removes the directories that
 * were created.
 *
 * @param needed paths that the kubelet must be able to read. If one of them is below a directory to hide, no directory
 * is hidden
 */
export async function isolation(needed: readonly string[]): Promise<Isolation> {
  const isInTheWay = WRITTEN_TO.some((directory) => needed.some((file) => file.startsWith(`${directory}/`)));
  if (isInTheWay) return { isComplete: false, wrap: (command) => command, [Symbol.asyncDispose]: async () => {} };
  const made: string[] = [];
  const dispose = async () => {
    // rmdir keeps a directory to which another program has written a file in the meantime.
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
