// Samples of Prometheus' text format, as far as specs count them.
import { Unsupported } from '../subject/expect';
import type { Node } from '../subject/subject';

/** Label values by name. */
type Labels = Readonly<Record<string, string>>;

export interface Samples {
  /** Sum of the samples of a name that have these labels; 0 where there is none. */
  sum(name: string, labels: Labels): number;
}

const LINE = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)/i;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"/gi;

/** Reads samples; what is no sample is passed over. */
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

/** The kubelet's metrics now. Throws Unsupported where these credentials may not see them. */
export async function metricsOf({ request }: Node): Promise<Samples> {
  const answer = await request({ target: '/metrics' });
  if (answer.status === 401 || answer.status === 403)
    throw new Unsupported(`these credentials may not read /metrics (${answer.status})`);
  return samplesIn(answer.status === 200 ? answer.body : '');
}
