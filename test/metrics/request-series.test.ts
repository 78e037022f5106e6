import fc from 'fast-check';
import { Counter, Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { RequestCounter, RequestHistogram } from '#src/metrics/request-series.js';

const COUNTER = { name: 'things_total', help: 'Things,\nby "kind" and \\ place.' };
const HISTOGRAM = { name: 'sizes', help: 'Sizes.', buckets: [0.5, 1, 2.5, 10] };
const labelNames = ['kind', 'place', 'outcome'];

/** Some that are alike, so that they meet in one series, and some with what needs an escape. */
const text = fc.constantFrom('a', 'b', 'ab', '', '"', '\\', '\n', '\u{1}', 'undefined', '__proto__');
const values = fc.tuple(text, fc.option(text, { nil: undefined }), text);
/** At the bounds, between them, beyond them. */
const size = fc.oneof(
  fc.constantFrom(0, 0.5, 1, 2.5, 10, 10.1, -1),
  fc.double({ min: 0, max: 20, noNaN: true }),
);
/** Several of the same values come one after the other, as those of requests do. */
const events = fc
  .array(
    fc.record({ values, each: fc.array(fc.record({ size, by: fc.nat(9) }), { minLength: 1, maxLength: 3 }) }),
    { maxLength: 40 },
  )
  .map((groups) =>
    groups.flatMap(({ values, each }) => each.map((event) => ({ values: [...values], ...event }))),
  );

/** For prom-client: a label that is undefined is left out. */
function labelsOf(given: readonly (string | undefined)[]): Record<string, string> {
  const named = labelNames.map((name, i) => [name, given[i]] as const);
  return Object.fromEntries(named.filter((each): each is [string, string] => each[1] !== undefined));
}

it('come out as those of prom-client', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (given) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const counter = new RequestCounter(ours, { ...COUNTER, labelNames });
      const histogram = new RequestHistogram(ours, { ...HISTOGRAM, labelNames });
      const theirCounter = new Counter({ ...COUNTER, labelNames, registers: [theirs] });
      const theirHistogram = new Histogram({ ...HISTOGRAM, labelNames, registers: [theirs] });
      for (const { values, size, by } of given) {
        counter.inc(values, by);
        histogram.observe(values, size);
        theirCounter.inc(labelsOf(values), by);
        theirHistogram.observe(labelsOf(values), size);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
      const merged = await Registry.merge([ours, new Registry()]).metrics();
      expect(merged).toBe(await Registry.merge([theirs, new Registry()]).metrics());
    }),
  );
});
