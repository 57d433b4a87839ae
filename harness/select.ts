// Which specs run: by regular expressions on ids, and by level.
import { UserError } from '../fakes/user-error';
import { LEVELS, type Level, type Spec } from '../specs/spec';
import { errorText } from './error-text';

export interface Choice {
  readonly focus?: string;
  readonly skip?: string;
  readonly levels?: readonly string[];
}

function pattern(flag: string, source: string | undefined): RegExp | undefined {
  if (source === undefined) return undefined;
  try {
    return new RegExp(source);
  } catch (error) {
    throw new UserError(`${flag} ${source}: ${errorText(error)}; give a regular expression on ids`);
  }
}

/** How many edits lead from one word to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The words of a list that come nearest to what was asked for. */
export function nearest(asked: string, known: readonly string[], most = 3): string[] {
  const far = new Map(
    known.map((word) => [word, Math.min(distance(asked, word), distance(asked, word.split('/').pop() ?? ''))]),
  );
  return [...known].sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0)).slice(0, most);
}

/**
 * Splits the catalogue into what was chosen and what was not. Throws a UserError for a bad pattern, an unknown level,
 * or a choice that leaves nothing.
 */
export function select(
  catalogue: readonly Spec[],
  choice: Choice,
): { chosen: readonly Spec[]; skipped: readonly Spec[] } {
  const focus = pattern('--focus', choice.focus);
  const skip = pattern('--skip', choice.skip);
  const unknown = choice.levels?.find((level) => !LEVELS.includes(level as Level));
  if (unknown !== undefined)
    throw new UserError(`--level ${unknown}: there is no such level; choose from ${LEVELS.join(', ')}`);
  const wanted = (spec: Spec) =>
    (focus?.test(spec.id) ?? true) && !(skip?.test(spec.id) ?? false) && (choice.levels?.includes(spec.level) ?? true);
  const chosen = catalogue.filter(wanted);
  if (chosen.length === 0) {
    const near = choice.focus
      ? `; the nearest ids are ${nearest(
          choice.focus,
          catalogue.map(({ id }) => id),
        ).join(', ')}`
      : '';
    throw new UserError(`no spec matches ${JSON.stringify(choice)}${near}`);
  }
  return { chosen, skipped: catalogue.filter((spec) => !wanted(spec)) };
}
