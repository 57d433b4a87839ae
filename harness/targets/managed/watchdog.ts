// Ends process groups whose starter is gone without a word: killed, or out of memory, it can end nothing itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Reads which groups are up, and kills those that are when nobody holds the other end of its input any more. */
const SCRIPT = `
groups=
while read -r change group; do
  case $change in
    up) groups="$groups $group" ;;
    down) left=; for one in $groups; do [ "$one" = "$group" ] || left="$left $one"; done; groups=$left ;;
  esac
done
for one in $groups; do kill -s KILL -- "-$one"; done
`;

/**
 * One shell beside this process, while it has process groups up. Where this process is killed, its process groups are,
 * too. What remains is the run's directories in the temporary one, whose names begin with `ckptest-` (sockets, logs, archives),
 * and the pods of the run in a runtime that is not the suite's own.
 */
export class Watchdog {
  #shell: ChildProcess | undefined;
  readonly #up = new Set<number>();

  /** @param group id of its leader */
  watch(group: number): void {
    this.#up.add(group);
    this.#shell ??= this.#start();
    this.#tell('up', group);
  }

  /** Resolves when nothing is left of it that nobody needs. */
  async forget(group: number): Promise<void> {
    if (!this.#up.delete(group)) return;
    this.#tell('down', group);
    if (this.#up.size > 0) return;
    const shell = this.#shell;
    this.#shell = undefined;
    if (!shell || shell.pid === undefined || shell.exitCode !== null || shell.signalCode !== null) return;
    const ended = once(shell, 'exit');
    shell.stdin?.end();
    await ended;
  }

  #start(): ChildProcess {
    // A group of its own: who kills this process with all of its group does not kill the shell.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    // Without it everything but the killing goes on as before.
    shell.on('error', () => {});
    shell.stdin.on('error', () => {});
    return shell;
  }

  #tell(change: 'up' | 'down', group: number): void {
    this.#shell?.stdin?.write(`${change} ${group}\n`);
  }
}
