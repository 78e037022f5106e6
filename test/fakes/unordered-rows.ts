import type { Changes, Position } from '#src/embedded/store/rows.js';

/** One state of the rows, by seq. */
export type State<Row> = ReadonlyMap<number, Row>;

/**
 * Rows whose changes come as several gateways make them at the worst: seqs in any order, rounds in pages, a deletion
 * before the addition of its row, the same row again, and positions that are void after a restore.
 */
export class UnorderedRows<Row> {
  readonly #random: () => number;
  /** Every state there was since the last restore. */
  #states: State<Row>[] = [new Map()];
  #epoch = 0;
  /** Told for each state that comes to be. */
  onState: (state: State<Row>) => void = () => {};

  constructor(random: () => number) {
    this.#random = random;
  }

  get now(): State<Row> {
    return this.#states.at(-1)!;
  }

  set(seq: number, row: Row): void {
    this.#commit(new Map([...this.now, [seq, row]]));
  }

  delete(seq: number): void {
    this.#commit(new Map([...this.now].filter(([other]) => other !== seq)));
  }

  /** As from a backup: what was followed means nothing any more. */
  restore(state: State<Row>): void {
    this.#epoch++;
    this.#states = [new Map()];
    this.#commit(state);
  }

  /** @param upTo the state that a snapshot sees; the latest otherwise */
  changes(
    after: Position | null,
    limit: number,
    upTo = this.#states.length - 1,
  ): Changes<readonly [number, Row]> {
    const parsed = after === null ? null : (JSON.parse(after) as Place);
    const isVoid = parsed !== null && parsed.epoch !== this.#epoch;
    const start: Place = parsed && !isVoid ? parsed : { epoch: this.#epoch, from: 0, to: upTo, done: 0 };
    // A round that was begun goes to its end, and the next one is what completes it.
    const to = start.done === 0 ? upTo : start.to;
    const events = this.#events(start.from, to);
    const page = events.slice(start.done, start.done + limit);
    const done = start.done + page.length;
    const ended = done === events.length;
    const position: Place = ended ? { ...start, from: to, to, done: 0 } : { ...start, to, done };
    return {
      added: page.flatMap(({ seq, row }) => (row === undefined ? [] : [[seq, row] as const])),
      deletedSeqs: page.flatMap(({ seq, row }) => (row === undefined ? [seq] : [])),
      position: JSON.stringify(position),
      more: !ended || to < upTo,
      reset: isVoid,
    };
  }

  get version(): number {
    return this.#states.length - 1;
  }

  stateAt(version: number): State<Row> {
    return this.#states[version]!;
  }

  #commit(state: State<Row>): void {
    this.#states.push(state);
    this.onState(state);
  }

  /** The same for the same states, in an order that is none. Rows that came and went may be among the additions. */
  #events(from: number, to: number): { seq: number; row?: Row }[] {
    const before = this.#states[from]!;
    const last = this.#states[to]!;
    const passed = new Map(this.#states.slice(from, to + 1).flatMap((state) => [...state]));
    const events: { seq: number; row?: Row }[] = [];
    for (const [seq, row] of passed) {
      const isThere = last.has(seq);
      if (isThere && before.get(seq) !== last.get(seq)) events.push({ seq, row: last.get(seq)! });
      if (!isThere) events.push({ seq }, { seq, row });
    }
    const rank = ({ row }: { row?: Row }) => Number(row !== undefined);
    return events.sort((a, b) => scattered(a.seq) - scattered(b.seq) || rank(a) - rank(b));
  }

  /** A turn or a few, in which others may write. */
  async pause(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 3); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Place {
  epoch: number;
  /** The round leads from this state to that one, of whose events some are done. */
  from: number;
  to: number;
  done: number;
}

function scattered(seq: number): number {
  return Math.imul(seq, 0x9e3779b1) >>> 0;
}
