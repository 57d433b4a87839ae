// Defines the instructions to which scripts are compiled. A script can be frozen and resumed between any two of them.
import type { Netcat } from './netcat';
import type { Redirection, Word } from './shell-words';

export type TermReaction = 'die' | 'ignore' | { readonly exit: number };

export type Instruction =
  | { readonly do: 'set'; readonly name: string; readonly value: Word }
  | { readonly do: 'run'; readonly words: readonly Word[]; readonly redirections: readonly Redirection[] }
  /** Redirects these file descriptors for all later instructions. */
  | { readonly do: 'redirect'; readonly redirections: readonly Redirection[] }
  | { readonly do: 'sleep'; readonly amount: Word }
  /** Starts a child process in the background. */
  | { readonly do: 'spawn'; readonly words: readonly Word[] }
  /** Starts a child process, such as another shell, and waits for it. */
  | { readonly do: 'call'; readonly words: readonly Word[] }
  | { readonly do: 'wait' }
  /** Turns this process into netcat, which opens its socket and runs until it is stopped. */
  | Netcat
  /** Expands the words of the loop whose next iteration is the following instruction. */
  | { readonly do: 'rounds'; readonly words: readonly Word[] }
  /** Starts the next iteration of a loop over words, or jumps to the end of the loop. */
  | { readonly do: 'round'; readonly name: string; to: number }
  /** `overWords` marks the jump of a loop over words. This jump needs no delay, because such a loop always ends. */
  | { readonly do: 'jump'; readonly overWords?: true; to: number }
  | { readonly do: 'branch'; readonly when: 'ok' | 'failed'; to: number }
  | { readonly do: 'trap'; readonly reaction: TermReaction }
  | { readonly do: 'exit'; readonly code?: Word };

/**
 * The instructions of a program. If undefined, the program is not supported: it is reported and stays idle until it is
 * stopped.
 */
export type Script = readonly Instruction[] | undefined;

const AT_ONCE: ReadonlySet<Instruction['do']> = new Set([
  'set',
  'run',
  'redirect',
  'branch',
  'jump',
  'trap',
  'exit',
] as const);

/** Returns whether a script ends without waiting and without a loop. */
export const endsAtOnce = (script: readonly Instruction[]) =>
  script.every((one, place) => AT_ONCE.has(one.do) && !('to' in one && one.to <= place));
