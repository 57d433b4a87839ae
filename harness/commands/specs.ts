// `ckptest specs`: lists the catalogue as text or JSON.
import { specs as catalogue } from '../../specs/index';
import type { Spec } from '../../specs/subject/spec';
import { type Choice, select } from '../run/select';

/** Returns the data of a spec, without its check. */
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

/**
 * Prints the selected specs.
 *
 * @throws UserError if no spec is selected
 */
export function specs(choice: Choice & { readonly output: 'text' | 'json' }, out: NodeJS.WritableStream): void {
  printSpecs(select(catalogue, choice).chosen, choice.output, out);
}
