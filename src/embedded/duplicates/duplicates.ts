import { randomUUID } from 'node:crypto';
import type {
  Decision,
  Duplicates,
  GroupPosition,
  NewDecision,
  OpenGroup,
  PairLikeness,
} from '../../services/duplicates.js';
import type { KeyedLock } from '../keyed-lock.js';
import type { Store } from '../store/store.js';
import type { DuplicatesThread } from './duplicates-thread.js';

export interface EmbeddedDuplicatesParts {
  store: Pick<Store, 'decisions'>;
  /** The lock by content hash that those take who store and delete entries. */
  locks: KeyedLock;
  thread: Pick<DuplicatesThread, 'call'>;
  /** Called at each question about open groups. */
  onAsked?: () => void;
}

/** Groups from a thread, decisions from the store. */
export class EmbeddedDuplicates implements Duplicates {
  readonly #decisions: Store['decisions'];
  readonly #locks: KeyedLock;
  readonly #thread: EmbeddedDuplicatesParts['thread'];
  readonly #onAsked: () => void;

  constructor({ store, locks, thread, onAsked = () => {} }: EmbeddedDuplicatesParts) {
    this.#decisions = store.decisions;
    this.#locks = locks;
    this.#thread = thread;
    this.#onAsked = onAsked;
  }

  listOpen(
    query: { likeness: PairLikeness; after?: GroupPosition; limit: number },
    signal?: AbortSignal,
  ): Promise<OpenGroup[]> {
    this.#onAsked();
    return this.#thread.call({ name: 'list', ...query }, signal);
  }

  countOpen(likeness: PairLikeness, signal?: AbortSignal): Promise<number> {
    this.#onAsked();
    return this.#thread.call({ name: 'count', likeness }, signal);
  }

  findOpen(likeness: PairLikeness, contentHash: string, signal?: AbortSignal): Promise<OpenGroup | null> {
    this.#onAsked();
    return this.#thread.call({ name: 'find', likeness, contentHash }, signal);
  }

  async listDecisions(query: { after?: number; limit: number }, signal?: AbortSignal): Promise<Decision[]> {
    signal?.throwIfAborted();
    return this.#decisions.list(query);
  }

  async countDecisions(signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    return this.#decisions.count();
  }

  async findDecision(decisionId: string, signal?: AbortSignal): Promise<Decision | null> {
    signal?.throwIfAborted();
    return this.#decisions.find(decisionId);
  }

  async findDecisionAbout(contentHash: string, signal?: AbortSignal): Promise<Decision | null> {
    const decisionId = await this.#thread.call({ name: 'decisionOn', contentHash }, signal);
    return decisionId === null ? null : this.findDecision(decisionId, signal);
  }

  async decide(
    decision: NewDecision,
    signal?: AbortSignal,
  ): Promise<{ decision: Decision; deletedHashes: readonly string[] }> {
    signal?.throwIfAborted();
    const locked = decision.deleteOthers ? decision.contentHashes : [];
    return this.#locks.runAll(locked, () => this.#decisions.decide(randomUUID(), decision));
  }

  async undo(decisionId: string, signal?: AbortSignal): Promise<Decision | null> {
    signal?.throwIfAborted();
    return this.#decisions.undo(decisionId);
  }
}
