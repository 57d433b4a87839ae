// Reads samples in the text format of Prometheus.
import { Unsupported } from '../subject/expect';
import type { Node } from '../subject/subject';

/** Label values by label name. */
type Labels = Readonly<Record<string, string>>;

export interface Samples {
  /** Returns the sum of all samples with a name and labels; 0 if there are no such samples. */
  sum(name: string, labels: Labels): number;
}

const LINE = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)/i;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"/gi;

/** Reads all samples in a text and ignores other lines. */
export function samplesIn(text: string): Samples {
  const rows = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', held = '']) => [key, held] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
  return {
    sum: (name, labels) =>
      rows
        .filter((row) => row.name === name && Object.entries(labels).every(([key, held]) => row.labels[key] === held))
        .reduce((sum, { value }) => sum + value, 0),
  };
}

/** Returns the kubelet's current metrics. Throws Unsupported if the credentials do not permit reading metrics. */
export async function metricsOf({ request }: Node): Promise<Samples> {
  const answer = await request({ target: '/metrics' });
  if (answer.status === 401 || answer.status === 403)
    throw new Unsupported(`these credentials may not read /metrics (${answer.status})`);
  return samplesIn(answer.status === 200 ? answer.body : '');
}
