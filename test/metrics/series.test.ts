import fc from 'fast-check';
import { Counter, Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { Counts, Distributions } from '#src/metrics/series.js';

const name = 'test';
const help = 'What it is.';

it('distributions print what a histogram of prom-client prints', async () => {
  const bounds = [0.1, 1, 5, 10];
  const value = fc.oneof(fc.constantFrom(...bounds), fc.double({ min: 0, max: 20, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1 }), async (values) => {
      const [own, theirs] = [new Registry(), new Registry()];
      const distribution = new Distributions({ name, help, labelNames: [], bounds, registry: own }).with();
      const histogram = new Histogram({ name, help, buckets: bounds, registers: [theirs] });
      for (const each of values) {
        distribution.observe(each);
        histogram.observe(each);
      }
      expect(await own.metrics()).toBe(await theirs.metrics());
    }),
  );
});

it('counts print what a counter of prom-client prints, an empty label left out', async () => {
  const [own, theirs] = [new Registry(), new Registry()];
  const counts = new Counts({ name, help, labelNames: ['kind', 'name'], registry: own });
  const counter = new Counter({ name, help, labelNames: ['kind', 'name'], registers: [theirs] });
  counts.with('a', 'b').add();
  counts.with('a', 'b').add(4);
  counts.with('a', '').add();
  counter.inc({ kind: 'a', name: 'b' }, 5);
  counter.inc({ kind: 'a' });
  expect(await own.metrics()).toBe(await theirs.metrics());
});

it('a name can be had once in a registry', () => {
  const registry = new Registry();
  const make = () => new Counts({ name, help, labelNames: [], registry });
  make();
  expect(make).toThrow('already been registered');
});
