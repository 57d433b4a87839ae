// Families of metrics, with one series for every set of labels. Made for speed: a request finds its series once, and counts in place.

export type Labels = Readonly<Record<string, string>>;

/** One line of a family: `name{labels} value`; `le` is the upper bound of a bucket. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly le?: number;
  readonly value: number;
}

/** What a family shows of itself. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Of each series by itself. */
  samples(): readonly (readonly Sample[])[];
}

/** Makes what is not there yet. */
function madeOnce<T>(make: (labels: Labels) => T): { of(labels: Labels): T; all(): [Labels, T][] } {
  const known = new Map<string, [Labels, T]>();
  return {
    of(labels) {
      const key = JSON.stringify(labels);
      const found = known.get(key) ?? [labels, make(labels)];
      known.set(key, found);
      return found[1];
    },
    all: () => [...known.values()],
  };
}

/** A number that goes up, or, as a gauge, up and down. */
export interface Value {
  value: number;
}

export interface ValueFamily extends Family {
  of(labels: Labels): Value;
}

export function valueFamily(type: 'counter' | 'gauge', name: string, help: string): ValueFamily {
  const series = madeOnce((): Value => ({ value: 0 }));
  return {
    name,
    help,
    type,
    of: (labels) => series.of(labels),
    samples: () => series.all().map(([labels, { value }]) => [{ name, labels, value }]),
  };
}

/** How often something took how long. */
export class Histogram {
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  /** @param bounds in ascending order; the last bucket has none */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#count += 1;
    this.#sum += value;
    const at = this.bounds.findIndex((bound) => value <= bound);
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  samples(name: string, labels: Labels): Sample[] {
    let below = 0;
    const buckets = this.bounds.map((le, i): Sample => {
      below += this.#counts[i] ?? 0;
      return { name: `${name}_bucket`, labels, le, value: below };
    });
    return [
      ...buckets,
      { name: `${name}_bucket`, labels, le: Number.POSITIVE_INFINITY, value: this.#count },
      { name: `${name}_sum`, labels, value: this.#sum },
      { name: `${name}_count`, labels, value: this.#count },
    ];
  }
}

export interface HistogramFamily extends Family {
  of(labels: Labels): Histogram;
}

export function histogramFamily(name: string, help: string, bounds: readonly number[]): HistogramFamily {
  const series = madeOnce(() => new Histogram(bounds));
  return {
    name,
    help,
    type: 'histogram',
    of: (labels) => series.of(labels),
    samples: () => series.all().map(([labels, histogram]) => histogram.samples(name, labels)),
  };
}
