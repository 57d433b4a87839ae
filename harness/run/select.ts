// Selects the specs to run: by regular expressions on their ids, and by level.

import { errorText } from '../../fakes/base/error-text';
import { nearest } from '../../fakes/base/nearest';
import { UserError } from '../../fakes/base/user-error';
import { LEVELS, type Level, type Spec } from '../../specs/subject/spec';

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

const flagsOf = ({ focus, skip, levels = [] }: Choice) =>
  [
    ...(focus === undefined ? [] : [`--focus ${focus}`]),
    ...(skip === undefined ? [] : [`--skip ${skip}`]),
    ...levels.map((level) => `--level ${level}`),
  ].join(' ');

/**
 * Divides the catalogue into selected and excluded specs.
 *
 * @param catalogue all specs
 * @param choice the values of --focus, --skip and --level
 * @throws UserError for an invalid pattern, an unknown level, or if no spec is selected
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
    throw new UserError(`no spec matches ${flagsOf(choice)}${near}`);
  }
  return { chosen, skipped: catalogue.filter((spec) => !wanted(spec)) };
}
