// What of netcat is simulated: it listens at the path of a unix socket, or connects to one, and stays.
import type { Word } from './shell-words';

export interface Netcat {
  readonly do: 'netcat';
  readonly listens: boolean;
  readonly path: Word;
}

/** Connections that netcat lets wait. */
export const NETCAT_BACKLOG = 5;

/** Of the flags of OpenBSD's netcat: `-U` with a path, and `-l` with `-k`, without which it would end after one client. */
export function netcat(words: readonly Word[], textOf: (word: Word) => string | undefined): Netcat | undefined {
  const flags = words.slice(1, -1).map(textOf);
  const path = words.at(-1);
  if (path === undefined || words.length < 3 || !flags.every((flag) => flag !== undefined && /^-[lkU]+$/.test(flag))) {
    return undefined;
  }
  const letters = [...new Set(flags.join('').replaceAll('-', ''))].sort().join('');
  return letters === 'U' || letters === 'Ukl' ? { do: 'netcat', listens: letters !== 'U', path } : undefined;
}
