// What scripts are turned into: steps that can be stopped and resumed anywhere.
import type { Netcat } from './netcat';
import type { Redirection, Word } from './shell-words';

export type TermReaction = 'die' | 'ignore' | { readonly exit: number };

export type Instruction =
  | { readonly do: 'set'; readonly name: string; readonly value: Word }
  | { readonly do: 'run'; readonly words: readonly Word[]; readonly redirections: readonly Redirection[] }
  /** From here on, output through these file descriptors goes there. */
  | { readonly do: 'redirect'; readonly redirections: readonly Redirection[] }
  | { readonly do: 'sleep'; readonly amount: Word }
  /** Starts a program that nobody waits for. */
  | { readonly do: 'spawn'; readonly words: readonly Word[] }
  /** Runs another shell, or what else is a process of its own, and waits for it. */
  | { readonly do: 'call'; readonly words: readonly Word[] }
  | { readonly do: 'wait' }
  /** This process is netcat: it opens its socket and stays. */
  | Netcat
  /** Takes up the words of the loop whose next round is the instruction behind this one. */
  | { readonly do: 'rounds'; readonly words: readonly Word[] }
  /** Begins the next round of a loop over words, or leaves it. */
  | { readonly do: 'round'; readonly name: string; to: number }
  /** Back to a `round`, a jump needs no slowing: the words come to an end. */
  | { readonly do: 'jump'; readonly overWords?: true; to: number }
  | { readonly do: 'branch'; readonly when: 'ok' | 'failed'; to: number }
  | { readonly do: 'trap'; readonly reaction: TermReaction }
  | { readonly do: 'exit'; readonly code?: Word };

/** undefined: not recognised; it runs silently until it is stopped. */
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

/** Whether a script ends without waiting for anything and without a loop. */
export const endsAtOnce = (script: readonly Instruction[]) =>
  script.every((one, place) => AT_ONCE.has(one.do) && !('to' in one && one.to <= place));
