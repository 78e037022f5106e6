import type { RequestScope } from '../../request/request-scope.js';
import { isContentHash } from '../../services/content-hash.js';
import {
  type Decision,
  type Duplicates,
  type OpenGroup,
  PAIR_LIKENESSES,
  type PairLikeness,
} from '../../services/duplicates.js';
import type { Loaders } from '../loaders/loaders.js';
import { type Member, suggest } from './suggestion.js';

/** A group as the graph shows it: one that is open, or one that was decided. */
export interface Group extends Omit<OpenGroup, 'contentHashes'> {
  /** Names it: an open one by what it was asked for with and a member, a decided one by its decision. */
  key: string;
  contentHashes: readonly string[];
  decision: Decision | null;
}

const DECIDED = 'DECIDED';

export function openGroup(asked: PairLikeness, group: OpenGroup): Group {
  return { ...group, key: `${asked}:${group.contentHashes[0]}`, decision: null };
}

export function decidedGroup(decision: Decision): Group {
  const { widest, likeness, contentHashes, decisionId } = decision;
  return { widest, likeness, contentHashes, key: `${DECIDED}:${decisionId}`, decision };
}

export interface GroupReads {
  duplicates: Duplicates;
  scope: RequestScope;
}

/**
 * The group that a key names. One that has grown is found by any of its members, and one that was decided since is found
 * as that. Null for a key that is garbage, or of a group that is no more.
 */
export async function findGroup(key: string, { duplicates, scope }: GroupReads): Promise<Group | null> {
  const signal = scope.reads('IMGCACHE');
  const [kind = '', name = ''] = key.split(':', 2);
  if (kind === DECIDED) {
    const decision = await duplicates.findDecision(name, signal);
    return decision && decidedGroup(decision);
  }
  const asked = PAIR_LIKENESSES.find((likeness) => likeness === kind);
  if (!asked || !isContentHash(name)) return null;
  const open = await duplicates.findOpen(asked, name, signal);
  if (open) return openGroup(asked, open);
  const decision = await duplicates.findDecisionAbout(name, signal);
  return decision && decidedGroup(decision);
}

/** Those that are there, in the order of their content hashes. */
export async function membersOf({ contentHashes }: Group, { entries }: Loaders): Promise<Member[]> {
  const found = await Promise.all(contentHashes.map((hash) => entries.byContentHash.load(hash)));
  const candidates = found.map(async (entry) =>
    entry ? [{ entry, urlCount: await entries.countUrlsOf(entry) }] : [],
  );
  return suggest((await Promise.all(candidates)).flat());
}

/** What deleting would free: all but the one to keep, and of what was decided all that was not kept. */
export async function reclaimableBytes(group: Group, loaders: Loaders): Promise<number> {
  const kept = group.decision?.keptHashes;
  const members = await membersOf(group, loaders);
  return members
    .filter(({ entry, isSuggestedKeep }) => (kept ? !kept.includes(entry.contentHash) : !isSuggestedKeep))
    .reduce((sum, { entry }) => sum + entry.fileSizeBytes, 0);
}
