// Kills process groups if the process that started the groups was killed before it could stop them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A shell script that reads which groups run until its standard input is closed, and then kills the groups that still
 * run.
 */
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
 * Runs a shell beside this process while this process has process groups to watch. If this process is killed, the shell
 * kills the groups. The temporary directories of the run and its pods in a runtime of the user are then left behind.
 * The names of these directories begin with `ckptest-`.
 */
export class Watchdog {
  #shell: ChildProcess | undefined;
  readonly #up = new Set<number>();

  /** @param group process id of the group's leader */
  watch(group: number): void {
    this.#up.add(group);
    this.#shell ??= this.#start();
    this.#tell('up', group);
  }

  /** Stops watching a group. If it was the last group, also waits until the shell has ended. */
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
    // Start the shell in its own process group, so that a signal to the group of this process does not reach it.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    // Ignore the error. The shell is needed only if this process is killed: without it, the groups would then keep
    // running.
    shell.on('error', () => {});
    shell.stdin.on('error', () => {});
    return shell;
  }

  #tell(change: 'up' | 'down', group: number): void {
    this.#shell?.stdin?.write(`${change} ${group}\n`);
  }
}
