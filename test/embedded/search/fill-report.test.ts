import { describe, expect, it } from 'vitest';
import { FillReport } from '#src/embedded/search/fill-report.js';

function reported() {
  const notices: string[] = [];
  return { notices, report: new FillReport((notice) => notices.push(notice)) };
}

describe('the report of a filling', () => {
  it('knows how far it is until it is done', () => {
    const { report } = reported();
    expect(report.read).toBeNull();
    report.note({ read: 20_000, done: false });
    expect(report.read).toBe(20_000);
    report.note({ read: 30_000, done: true });
    expect(report.read).toBeNull();
  });

  it('has a notice for each million, and one at the end', () => {
    const { notices, report } = reported();
    for (let read = 20_000; read < 2_500_000; read += 20_000) report.note({ read, done: false });
    report.note({ read: 2_500_000, done: true });
    expect(notices).toEqual([
      'Read 1000000 perceptual hashes into memory so far.',
      'Read 2000000 perceptual hashes into memory so far.',
      'Read all 2500000 perceptual hashes into memory.',
    ]);
  });

  it('has no notices when it is short, and begins anew with the next one', () => {
    const { notices, report } = reported();
    report.note({ read: 999_999, done: true });
    expect(notices).toEqual([]);
    report.note({ read: 1_000_000, done: true });
    expect(notices).toHaveLength(1);
  });
});
