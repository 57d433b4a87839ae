// `ckptest specs`: the catalogue, for people or as JSON.
import { specs as catalogue } from '../../specs/index';
import type { Spec } from '../../specs/subject/spec';
import { type Choice, select } from '../run/select';

/** A spec as data, without its check. */
const row = ({ id, title, level, strength, source, since = '1.25', needs, mutants, deviates }: Spec) => ({
  id,
  title,
  level,
  strength,
  source,
  since,
  needs,
  mutants: Object.keys(mutants),
  ...(deviates === undefined ? {} : { deviates }),
});

export function printSpecs(chosen: readonly Spec[], output: 'text' | 'json', out: NodeJS.WritableStream): void {
  if (output === 'json') {
    out.write(`${JSON.stringify(chosen.map(row), null, 2)}\n`);
    return;
  }
  for (const { id, level, strength, title, source } of chosen)
    out.write(`${id}\n    ${level} ${strength}, ${source.document} ${source.id}: ${title}\n`);
  out.write(`${chosen.length} specs\n`);
}

/** Throws a UserError where the choice leaves nothing. */
export function specs(choice: Choice & { readonly output: 'text' | 'json' }, out: NodeJS.WritableStream): void {
  printSpecs(select(catalogue, choice).chosen, choice.output, out);
}
