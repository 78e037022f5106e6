import type { DecisionChange } from '../store/decisions.js';

const NONE: readonly string[] = [];

/** The pairs of content hashes of which somebody has decided: those that one decision is about, the newest last. */
export class DecidedPairs {
  readonly #hashesOf = new Map<string, readonly string[]>();
  /** By content hash, the oldest first. */
  readonly #decisionsOf = new Map<string, readonly string[]>();

  /** Takes over what became of a decision. */
  take({ decisionId, contentHashes }: DecisionChange): void {
    for (const hash of this.#hashesOf.get(decisionId) ?? []) {
      const others = this.decisionsOn(hash).filter((other) => other !== decisionId);
      if (others.length > 0) this.#decisionsOf.set(hash, others);
      else this.#decisionsOf.delete(hash);
    }
    this.#hashesOf.delete(decisionId);
    if (contentHashes.length === 0) return;
    this.#hashesOf.set(decisionId, contentHashes);
    for (const hash of contentHashes) this.#decisionsOf.set(hash, [...this.decisionsOn(hash), decisionId]);
  }

  /** The content hashes that a decision is about; none where it is not known. */
  hashesOf(decisionId: string): readonly string[] {
    return this.#hashesOf.get(decisionId) ?? NONE;
  }

  /** The ids of decisions about a content hash, the oldest first. */
  decisionsOn(contentHash: string): readonly string[] {
    return this.#decisionsOf.get(contentHash) ?? NONE;
  }

  has(a: string, b: string): boolean {
    const ofOne = this.decisionsOn(a);
    const ofOther = this.decisionsOn(b);
    return ofOne.length > 0 && ofOther.length > 0 && ofOne.some((decision) => ofOther.includes(decision));
  }
}
