import type { HostileRequest, Transport } from './generate.js';
import type { Verdict } from './judge.js';

/** Counts answers by the way of their requests and by what they are, and keeps the faults. */
export class Tally {
  readonly faults: string[] = [];
  readonly #counts = new Map<Transport, Map<string, number>>();

  add({ id, transport, done }: HostileRequest, { outcome, faults }: Verdict): void {
    const outcomes = this.#counts.get(transport) ?? new Map<string, number>();
    this.#counts.set(transport, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
    for (const fault of faults) this.faults.push(`${id} ${transport}: ${done.join('; ')}: ${fault}`);
  }

  count(transport: Transport, outcome: string): number {
    return this.#counts.get(transport)?.get(outcome) ?? 0;
  }

  /** A line for each way, the most frequent outcomes first. */
  lines(): string[] {
    return [...this.#counts].map(([transport, outcomes]) => {
      const sorted = [...outcomes].sort(([, a], [, b]) => b - a);
      const total = sorted.reduce((sum, [, count]) => sum + count, 0);
      const each = sorted.map(([outcome, count]) => `${outcome} ${count}`);
      return `${transport.padEnd(12)}${String(total).padStart(5)}: ${each.join(', ')}\n`;
    });
  }
}
