import type { Decision, NewDecision } from '../../services/duplicates.js';

/** What was decided of entries that look alike. A decision that was undone is found no more. */
export interface DecisionStore {
  /** The newest first: behind the one with the seq. */
  list(query: { after?: number; limit: number }): Promise<Decision[]>;
  count(): Promise<number>;
  find(decisionId: string): Promise<Decision | null>;
  /**
   * In one transaction: notes the decision, and deletes the entries that are not kept where that is asked for, as
   * `EntryStore.delete` does; the first kept one takes over their URLs. Meanwhile nobody else deletes those that are kept.
   *
   * @param decisionId not given before
   * @throws KeptEntryGoneError where entries are to be deleted; nothing is written
   */
  decide(
    decisionId: string,
    decision: NewDecision,
  ): Promise<{ decision: Decision; deletedHashes: readonly string[] }>;
  /** Gives the decision that was undone; null where there is none. */
  undo(decisionId: string): Promise<Decision | null>;
}

/** What became of a decision: about which content hashes it is now. Of one that was undone there are none. */
export interface DecisionChange {
  decisionId: string;
  contentHashes: readonly string[];
}

/** Decisions as a copy in memory follows them, and what groups need to know of entries beside their perceptual hashes. */
export interface DecisionRows {
  /** Behind a position, of which the first is 0. Those of a full batch may not be all. */
  changes(after: number, limit: number): Promise<{ changes: readonly DecisionChange[]; position: number }>;
  /** By seq: those of the entries that are there. */
  contentHashes(seqs: readonly number[]): Promise<Map<number, string>>;
}
