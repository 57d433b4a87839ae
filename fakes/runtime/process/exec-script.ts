// The scripts of commands that ExecSync runs beside a container's own program.
import type { Script } from '../shell/instruction';
import { isShell, recognise } from '../shell/script';

/**
 * The script that replaces a script that the fake shell cannot parse. It prints a syntax error and exits, as a shell
 * does.
 */
const SYNTAX_ERROR: Script = [
  {
    do: 'run',
    words: [[{ text: 'echo' }], [{ text: 'sh: syntax error: the fake shell does not support this' }]],
    redirections: [{ fd: 1, like: 2 }],
  },
  { do: 'exit', code: [{ text: '2' }] },
];

/** Returns the script of a command line, or undefined if its program does not exist. */
export function commandScript(argv: readonly string[]): Script {
  return recognise(argv, { lenient: true }) ?? (isShell(argv) ? SYNTAX_ERROR : undefined);
}

/**
 * Returns a script that waits and then exits.
 * @param ms time until the exit, milliseconds
 */
export const timedScript = (ms: number, exitCode: number): Script => [
  ...(ms > 0 ? [{ do: 'sleep' as const, amount: [{ text: String(ms / 1000) }] }] : []),
  { do: 'exit', code: [{ text: String(exitCode) }] },
];
