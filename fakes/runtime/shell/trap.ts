// `trap`: sets the reaction of a shell to the signal TERM.
import type { Instruction } from './instruction';
import { literal, UnreadScript, type Word } from './shell-words';

const TERM_NAMES = new Set(['TERM', 'SIGTERM', '15']);

/**
 * Compiles `trap` with these arguments.
 * @throws UnreadScript for an action that does more than exit
 */
export function trap(words: readonly Word[]): Instruction[] {
  const action = literal(words[0]);
  const signals = words.slice(1).map(literal);
  if (action === undefined || signals.length === 0) throw new UnreadScript('a trap that is not simple');
  if (!signals.some((name) => name !== undefined && TERM_NAMES.has(name))) return [];
  if (action === '') return [{ do: 'trap', reaction: 'ignore' }];
  if (action === '-') return [{ do: 'trap', reaction: 'die' }];
  const exit = /^exit(?:\s+(\d+))?$/.exec(action.trim());
  if (!exit) throw new UnreadScript('a trap that does more than exit');
  return [{ do: 'trap', reaction: { exit: Number(exit[1] ?? 0) % 256 } }];
}
