import type { Metric, Registry } from 'prom-client';

// Counters and histograms of what every request does. Those of prom-client check and hash all labels each time, which takes a
// seventh of a small request; these find their series by its values. They come out as prom-client's do, which a test compares.

/** The values of labels, in the order of their names; undefined for a label that a series goes without. */
export type LabelValues = readonly (string | undefined)[];

export interface SeriesOptions {
  name: string;
  help: string;
  labelNames: readonly string[];
}

type Labels = Readonly<Record<string, string | number>>;

/** A line of the exposition, as prom-client's registry takes it. */
interface Line {
  metricName?: string;
  labels: Labels;
  /** Those that come behind the others. */
  sharedLabels?: Labels;
  value: number;
}

/** What a metric has for each combination of values. Clients must not choose them freely: none is ever forgotten. */
class Series<State> {
  readonly #labelNames: readonly string[];
  readonly #begin: () => State;
  readonly #byKey = new Map<string, { labels: Labels; state: State }>();
  /** The series that was asked for last, which is nearly always the next one too: comparing values is cheaper than a key. */
  #last: { values: LabelValues; state: State } | null = null;

  constructor(labelNames: readonly string[], begin: () => State) {
    this.#labelNames = labelNames;
    this.#begin = begin;
  }

  of(values: LabelValues): State {
    if (this.#last && areEqual(this.#last.values, values)) return this.#last.state;
    const key = keyOf(values);
    const { state } = this.#byKey.get(key) ?? this.#add(key, values);
    this.#last = { values, state };
    return state;
  }

  all() {
    return [...this.#byKey.values()];
  }

  #add(key: string, values: LabelValues) {
    const labels: Record<string, string> = {};
    for (const [i, name] of this.#labelNames.entries()) {
      const value = values[i];
      if (value !== undefined) labels[name] = value;
    }
    const series = { labels, state: this.#begin() };
    this.#byKey.set(key, series);
    return series;
  }
}

/** Both are of the same labels. */
function areEqual(a: LabelValues, b: LabelValues): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** No value of a label has a NUL. */
function keyOf(values: LabelValues): string {
  let key = '';
  for (const value of values) key += value === undefined ? '\0\0' : `\0${value}`;
  return key;
}

export class RequestCounter {
  readonly #series: Series<{ value: number }>;

  constructor(registry: Registry, options: SeriesOptions) {
    this.#series = new Series(options.labelNames, () => ({ value: 0 }));
    register(registry, options, 'counter', () =>
      this.#series.all().map(({ labels, state }) => ({ labels, value: state.value })),
    );
  }

  inc(values: LabelValues, by = 1): void {
    this.#series.of(values).value += by;
  }
}

interface Distribution {
  /** How many are within each bound and beyond the one before it; those beyond the last one are in none. */
  within: number[];
  sum: number;
  count: number;
}

export class RequestHistogram {
  readonly #name: string;
  /** Ascending. */
  readonly #bounds: readonly number[];
  readonly #series: Series<Distribution>;

  constructor(registry: Registry, options: SeriesOptions & { buckets: readonly number[] }) {
    this.#name = options.name;
    this.#bounds = options.buckets;
    const { length } = options.buckets;
    this.#series = new Series(options.labelNames, () => ({
      within: Array(length).fill(0),
      sum: 0,
      count: 0,
    }));
    register(registry, options, 'histogram', () =>
      this.#series.all().flatMap(({ labels, state }) => this.#linesOf(labels, state)),
    );
  }

  observe(values: LabelValues, value: number): void {
    const distribution = this.#series.of(values);
    distribution.sum += value;
    distribution.count++;
    const bounds = this.#bounds;
    let i = 0;
    while (i < bounds.length && value > bounds[i]!) i++;
    if (i < bounds.length) distribution.within[i]!++;
  }

  #linesOf(sharedLabels: Labels, { within, sum, count }: Distribution): Line[] {
    const line = (suffix: string, labels: Labels, value: number): Line => ({
      metricName: `${this.#name}_${suffix}`,
      labels,
      sharedLabels,
      value,
    });
    let below = 0;
    const buckets = this.#bounds.map((le, i) => {
      below += within[i]!;
      return line('bucket', { le }, below);
    });
    return [
      ...buckets,
      line('bucket', { le: '+Inf' }, count),
      line('sum', {}, sum),
      line('count', {}, count),
    ];
  }
}

function register(
  registry: Registry,
  { name, help }: SeriesOptions,
  type: 'counter' | 'histogram',
  values: () => Line[],
): void {
  const metric = { name, help, type, get: async () => ({ name, help, type, values: values() }) };
  // The registry asks for nothing else, but its types know prom-client's own metrics alone.
  registry.registerMetric(metric as unknown as Metric);
}
