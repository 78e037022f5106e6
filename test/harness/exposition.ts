import { expect } from 'vitest';

/** What a scrape shows: the value of each series, by its text, such as `up{job="x"}`. */
export interface Exposition {
  text: string;
  /** 0 for a series that is not there, as Prometheus' own functions of counters take it. */
  value(series: string): number;
  /** The series of a metric. */
  seriesOf(name: string): string[];
}

const SAMPLE = /^([a-z\d_]+(?:\{(?:[a-z_]+="[^"\\]*",?)*\})?) (\S+)$/;

/** Scrapes a gateway, and fails when what it gets is not Prometheus' text format. */
export async function scrape(url: string): Promise<Exposition> {
  const response = await fetch(`${url}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return parse(await response.text());
}

function parse(text: string): Exposition {
  const values = new Map<string, number>();
  const described = new Set<string>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (line.startsWith('# HELP ')) continue;
    if (line.startsWith('# TYPE ')) {
      described.add(line.split(' ')[2]!);
      continue;
    }
    const [, series = '', value = ''] = SAMPLE.exec(line) ?? [];
    expect(series, `a sample: ${line}`).not.toBe('');
    // The mean of nothing is written so, and Prometheus reads it.
    if (value !== 'Nan') expect(Number(value), line).not.toBeNaN();
    expect(values.has(series), `one value of ${series}`).toBe(false);
    values.set(series, Number(value));
    const name = nameOf(series);
    const family = name.replace(/_(?:bucket|sum|count)$/, '');
    expect(described.has(name) || described.has(family), `the type of ${series}`).toBe(true);
  }
  return {
    text,
    value: (series) => values.get(series) ?? 0,
    seriesOf: (name) => [...values.keys()].filter((series) => nameOf(series) === name),
  };
}

function nameOf(series: string): string {
  return series.replace(/\{.*/, '');
}
