import { describe, expect, it } from 'vitest';
import { OutageWatch } from '#src/embedded/store/postgres/outage.js';

const withCode = (code: string) => Object.assign(new Error(code), { code });
const refused = withCode('ECONNREFUSED');
const crowded = withCode('53300');

function watched() {
  const told: (string | null)[] = [];
  const clock = { now: 0 };
  const watch = new OutageWatch(
    (outage) => told.push(outage && (outage.error as Error).message),
    () => clock.now,
  );
  return { told, clock, watch };
}

describe('an outage of the database', () => {
  it('is told once, however much fails in it', () => {
    const { told, watch } = watched();
    for (let statement = 0; statement < 100; statement++) watch.failed(statement % 2 ? crowded : refused);
    expect(told).toEqual(['ECONNREFUSED']);
  });

  it('is one while some statements succeed between those that fail', () => {
    const { told, clock, watch } = watched();
    for (let second = 0; second < 60; second++) {
      clock.now += 1000;
      watch.failed(crowded);
      watch.succeeded();
    }
    expect(told).toEqual(['53300']);
  });

  it('ends with the first success after a quiet time, and the next one is told anew', () => {
    const { told, clock, watch } = watched();
    watch.failed(refused);
    clock.now += 10_000;
    watch.succeeded();
    watch.succeeded();
    watch.failed(refused);
    expect(told).toEqual(['ECONNREFUSED', null, 'ECONNREFUSED']);
  });

  it('is none of transactions that meet each other, nor of what a statement itself does wrong', () => {
    const { told, watch } = watched();
    for (const code of ['40001', '40P01', '23503', '23505', '22001', '42601']) watch.failed(withCode(code));
    watch.succeeded();
    expect(told).toEqual([]);
  });
});
