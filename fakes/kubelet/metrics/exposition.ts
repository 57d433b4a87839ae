// Metrics as Prometheus' Go library writes them: families and labels in alphabetical order, `le` behind all others.
import type { Family, Labels, Sample } from './families';

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** A number as Go writes it. */
function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return String(value).replace(/e([+-])([0-9])$/, 'e$10$2');
}

const pairsOf = (labels: Labels) =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escaped(labels[name] ?? '')}"`);

function line({ name, labels, le, value }: Sample): string {
  const pairs = [...pairsOf(labels), ...(le === undefined ? [] : [`le="${numberText(le)}"`])];
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberText(value)}\n`;
}

/** Go sorts by the values of labels; what belongs to one series stays together. */
const sortKey = ([first]: readonly Sample[]) => pairsOf(first?.labels ?? {}).join(',');

function familyText({ name, help, type, samples }: Family): string {
  const series = [...samples()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${series.flat().map(line).join('')}`;
}

/** All families that have samples. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter((family) => family.samples().length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(familyText)
    .join('');
}
