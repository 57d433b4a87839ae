// Runs the script in `$(...)` to its end, in a subshell whose output is captured.
import { recognise } from '../shell/script';
import type { CommandOutput, Shell } from './workload-shell';
import { perform } from './workload-steps';

const never = () => {
  throw new Error('a command substitution waits');
};

/**
 * Returns the output of a script and its exit code.
 * @param now returns milliseconds since the epoch
 */
export function commandOutput(script: string, parent: Shell, now: () => number): CommandOutput {
  // The programs are not checked again: they were checked when the enclosing script was parsed.
  const argv = ['sh', '-c', script];
  const instructions = recognise(argv, { lenient: true }) ?? [];
  let text = '';
  let status: number | undefined;
  const shell = parent.subshell((written) => {
    text += written;
  });
  const exit = (code: number) => {
    status = code;
  };
  const process = { shell, argv, now, sleep: never, spawn: never, call: never, wait: never, exit };
  while (status === undefined) {
    const instruction = instructions[shell.place];
    if (instruction === undefined) break;
    shell.place += 1;
    perform(instruction, process);
  }
  return { text: text.replace(/\n+$/, ''), status: status ?? 0 };
}
