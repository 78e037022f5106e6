/** What is where: a content hash, or null for nothing. */
export type Content = string | null;

/**
 * What the clients of a store may rely on. After an acknowledgement a place holds one content; while an answer is
 * outstanding, or when it never came, it may hold the content of before or that of after.
 */
export class Ledger {
  readonly #possible = new Map<string, Set<Content>>();
  readonly #touched = new Set<string>();
  acknowledged = 0;
  inDoubt = 0;

  /** Makes the change: it is acknowledged when this resolves. */
  async change(place: string, content: Content, make: () => Promise<void>): Promise<void> {
    const possible = this.#possible.get(place) ?? new Set([null]);
    this.#possible.set(place, possible.add(content));
    this.#touched.add(place);
    this.inDoubt++;
    await make();
    this.inDoubt--;
    this.acknowledged++;
    this.#possible.set(place, new Set([content]));
  }

  /** The places that certainly hold something. */
  held(): [place: string, content: string][] {
    return [...this.#possible].flatMap(([place, possible]) => {
      const [content] = possible;
      return possible.size === 1 && content ? [[place, content]] : [];
    });
  }

  /** Since the last settling. */
  touched(): string[] {
    return [...this.#touched];
  }

  all(): string[] {
    return [...this.#possible.keys()];
  }

  /**
   * Takes what was found in places for what is there.
   * @returns the places where that cannot be
   */
  settle(found: ReadonlyMap<string, Content>): string[] {
    const wrong: string[] = [];
    for (const [place, content] of found) {
      if (!this.#possible.get(place)?.has(content)) wrong.push(`${place}: ${content}`);
      this.#possible.set(place, new Set([content]));
      this.#touched.delete(place);
    }
    return wrong;
  }
}
