// Simulates a part of netcat: it listens on a unix socket or connects to one, and then runs until it is stopped.
import type { Word } from './shell-words';

export interface Netcat {
  readonly do: 'netcat';
  readonly listens: boolean;
  readonly path: Word;
}

/** The number of pending connections that netcat requests in listen(2). */
export const NETCAT_BACKLOG = 5;

/**
 * Parses the command line of OpenBSD's netcat. Supported are `-U` with a path, and `-l` together with `-k`, because
 * `-l` alone ends after one client.
 */
export function netcat(words: readonly Word[], textOf: (word: Word) => string | undefined): Netcat | undefined {
  const flags = words.slice(1, -1).map(textOf);
  const path = words.at(-1);
  if (path === undefined || words.length < 3 || !flags.every((flag) => flag !== undefined && /^-[lkU]+$/.test(flag))) {
    return undefined;
  }
  const letters = [...new Set(flags.join('').replaceAll('-', ''))].sort().join('');
  return letters === 'U' || letters === 'Ukl' ? { do: 'netcat', listens: letters !== 'U', path } : undefined;
}
