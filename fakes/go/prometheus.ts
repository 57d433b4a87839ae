// Writes metrics as the Go library of Prometheus does: families and labels in alphabetical order, `le` last.
import type { Registry } from 'prom-client';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
}

/** A metric with its samples. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** Writes a number as Go does: `+Inf`, and exponents of at least two digits. */
function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  const text = String(value);
  return text.replace(/e([+-])([0-9])$/, 'e$10$2');
}

function labelsText(labels: Sample['labels']): string {
  const names = Object.keys(labels).filter((name) => labels[name] !== undefined);
  const ordered = [...names.filter((name) => name !== 'le').sort(), ...names.filter((name) => name === 'le')];
  if (ordered.length === 0) return '';
  const pairs = ordered.map((name) => {
    const value = labels[name];
    return `${name}="${typeof value === 'number' ? numberText(value) : escaped(String(value))}"`;
  });
  return `{${pairs.join(',')}}`;
}

/**
 * Returns the key by which samples are sorted: their labels without `le`, so that the samples of a histogram stay
 * together.
 */
const sortKey = ({ labels }: Sample) => labelsText({ ...labels, le: undefined });

function familyText({ name, help, type, samples }: Family): string {
  const sorted = samples.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0));
  const lines = sorted.map((sample) => `${sample.name}${labelsText(sample.labels)} ${numberText(sample.value)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** Writes all metrics that have samples, in the text format of Prometheus. */
export async function exposition(registry: Registry): Promise<string> {
  const families: Family[] = (await registry.getMetricsAsJSON()).map(({ name, help, type, values }) => ({
    name,
    help,
    type: String(type),
    samples: values.map((value) => ({
      name: 'metricName' in value && typeof value.metricName === 'string' ? value.metricName : name,
      labels: value.labels,
      value: value.value,
    })),
  }));
  return families
    .filter(({ samples }) => samples.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(familyText)
    .join('');
}
