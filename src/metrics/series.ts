import type { Metric, Registry } from 'prom-client';

export interface SeriesOptions {
  name: string;
  help: string;
  labelNames: readonly string[];
  registry: Registry;
}

/** A line of the text format, as prom-client prints it. */
interface Sample {
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
}

/**
 * A metric whose series are found at once. prom-client's own counters and histograms hash and check the labels at every
 * count, which would cost each request a twentieth of its time.
 */
abstract class SeriesOf<T> {
  readonly name: string;
  protected abstract readonly type: 'counter' | 'histogram';
  readonly #help: string;
  readonly #labelNames: readonly string[];
  readonly #series = new Map<string, { labels: Record<string, string>; series: T }>();

  constructor({ name, help, labelNames, registry }: SeriesOptions) {
    this.name = name;
    this.#help = help;
    this.#labelNames = labelNames;
    // All that a registry asks of a metric is its name and get().
    registry.registerMetric(this as unknown as Metric);
  }

  /** @param values of the labels, in the order of their names; an empty one is left out */
  with(...values: string[]): T {
    const key = values.join();
    const known = this.#series.get(key);
    if (known) return known.series;
    const labels = this.#labelNames.map((label, i) => [label, values[i] ?? ''] as const);
    const series = this.create();
    this.#series.set(key, { labels: Object.fromEntries(labels.filter(([, value]) => value !== '')), series });
    return series;
  }

  get(): { name: string; help: string; type: string; values: Sample[] } {
    const values = [...this.#series.values()].flatMap(({ labels, series }) => this.show(series, labels));
    return { name: this.name, help: this.#help, type: this.type, values };
  }

  protected abstract create(): T;
  protected abstract show(series: T, labels: Record<string, string>): Sample[];
}

export class Count {
  value = 0;

  add(more = 1): void {
    this.value += more;
  }
}

export class Counts extends SeriesOf<Count> {
  protected readonly type = 'counter';

  protected create(): Count {
    return new Count();
  }

  protected show({ value }: Count, labels: Record<string, string>): Sample[] {
    return [{ labels, value }];
  }
}

export class Distribution {
  readonly bounds: readonly number[];
  /** How many values each bucket has by itself; the last one has those above all bounds. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
  }
}

export class Distributions extends SeriesOf<Distribution> {
  protected readonly type = 'histogram';
  readonly #bounds: readonly number[];

  /** @param options.bounds the highest value of each bucket, ascending */
  constructor(options: SeriesOptions & { bounds: readonly number[] }) {
    super(options);
    this.#bounds = options.bounds;
  }

  protected create(): Distribution {
    return new Distribution(this.#bounds);
  }

  protected show({ bounds, counts, sum }: Distribution, labels: Record<string, string>): Sample[] {
    let count = 0;
    const buckets = counts.map((inBucket, i) => {
      count += inBucket;
      return {
        metricName: `${this.name}_bucket`,
        labels: { ...labels, le: bounds[i] ?? '+Inf' },
        value: count,
      };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}
