import { signal } from '@preact/signals';
import { forgetDeleted } from '../data/deletions.js';
import { change, Refusal, wordsOf } from '../data/graph.js';
import { queryClient } from '../data/query-client.js';
import { doSoon } from '../data/soon.js';
import { canUndo } from '../data/undo.js';
import { DecideDuplicatesDocument, UndoDuplicateDecisionDocument } from '../generated.js';
import { entryTiles } from '../grid/tile.js';
import { navigate, place } from '../router.js';
import { toast } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { hrefOfGroup } from './address.js';
import { type Group, groupsIn } from './ask-groups.js';

/** What the reader decides of a group; `keep` are the content hashes that stay, while all others are deleted. */
export type Verdict =
  | { kind: 'KEEP_ALL' | 'NOT_DUPLICATES' }
  | { kind: 'KEEP_SELECTED'; keep: readonly string[] };

type Decidable = Pick<Group, 'id'> & { members: readonly { entry: { contentHash: string } }[] };

/** A verdict that the gateway has not taken yet. */
export interface Waiting {
  text: string;
  /** Null while it is on its way. */
  undo: (() => void) | null;
}

/** Verdicts by the id of the group, which lists leave out meanwhile. */
export const waiting = signal<ReadonlyMap<string, Waiting>>(new Map());

/** By the decision: what Ctrl+Z must not undo once more. */
const forgets = new Map<string, () => void>();

interface Decided {
  group: Decidable;
  verdict: Verdict;
}

/** Decides of groups: at once where nothing is lost by it. */
export function decide(all: readonly Decided[]): void {
  const deleted = all.flatMap(({ group, verdict }) => othersOf(group, verdict));
  const ids = all.map(({ group }) => group.id);
  if (deleted.length > 0) decideSoon(all, ids, deleted);
  else decideNow(all, ids);
}

/** Where pictures are deleted, it is done a while later; until then nothing has happened. */
function decideSoon(all: readonly Decided[], ids: readonly string[], deleted: readonly string[]): void {
  const text = `Deletes ${count(deleted.length, 'picture')}`;
  const undo = doSoon({
    text,
    ids: deleted,
    send: async () => void (await sendAll(all)),
    onNotDone: () => bringBack(ids),
  });
  wait(ids, { text: `${text} in a moment.`, undo });
}

function decideNow(all: readonly Decided[], ids: readonly string[]): void {
  wait(ids, { text: 'This is being decided.', undo: null });
  sendAll(all).then(
    ([run]) =>
      toast({ text: 'Decided. Nothing was deleted.', ...(run && { action: { label: 'Undo', run } }) }),
    (error) => {
      bringBack(ids);
      toast({ text: `Not decided: ${wordsOf(error)}` });
    },
  );
}

function othersOf({ members }: Decidable, verdict: Verdict): string[] {
  if (verdict.kind !== 'KEEP_SELECTED') return [];
  return members.map(({ entry }) => entry.contentHash).filter((hash) => !verdict.keep.includes(hash));
}

/** @returns what undoes each  @throws {Refusal} when some failed; the others are done */
async function sendAll(all: readonly Decided[]): Promise<(() => void)[]> {
  const sent = await Promise.allSettled(all.map(send));
  const reasons = sent.flatMap((each) => (each.status === 'rejected' ? [wordsOf(each.reason)] : []));
  const [first] = reasons;
  if (first)
    throw new Refusal(all.length === 1 ? first : `${reasons.length} of ${all.length} groups: ${first}`);
  return sent.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

async function send({ group, verdict }: Decided): Promise<() => void> {
  const input = {
    groupId: group.id,
    verdict: verdict.kind,
    members: group.members.map(({ entry }) => entry.contentHash),
    ...(verdict.kind === 'KEEP_SELECTED' && { keep: [...verdict.keep], deleteOthers: true }),
  };
  const { decision } = await change(DecideDuplicatesDocument, 'DecideDuplicatesSuccess', { input });
  const undo = () => void undoDecision(decision.id, group.id);
  forgets.set(decision.id, canUndo(undo));
  const gone = othersOf(group, verdict);
  if (gone.length > 0) void forgetDeleted({ ids: gone, queryKey: ['entries'], idOf: entryTiles.id });
  leaveOut(group.id);
  return undo;
}

/** The list of open groups is not read anew for each decision: it may be long, and the reader is in it. */
function leaveOut(id: string): void {
  const left = forgetDeleted({ ids: [id], queryKey: ['duplicates'], idOf: (group: Group) => group.id });
  void left.then(() => stopWaiting([id]));
  void queryClient.invalidateQueries({ queryKey: ['duplicates', 'pages', 'DECIDED'] });
  // Of chains that were cut, what is left over is a group once the others are decided.
  void queryClient.invalidateQueries({
    queryKey: ['duplicates', 'pages', 'OPEN'],
    predicate: ({ state }) => groupsIn(state.data as Parameters<typeof groupsIn>[0]).length === 0,
  });
}

/** Takes a decision back, and shows its group, if it is whole, where groups are decided. What it deleted stays deleted. */
export async function undoDecision(decisionId: string, groupId?: string): Promise<void> {
  forgets.get(decisionId)?.();
  forgets.delete(decisionId);
  try {
    const { missingHashes } = await change(UndoDuplicateDecisionDocument, 'UndoDuplicateDecisionSuccess', {
      input: { decisionId },
    });
    const gone = missingHashes.length;
    const rest =
      gone > 0 ? ` ${count(gone, 'picture')} that it deleted stay${gone === 1 ? 's' : ''} deleted.` : '';
    toast({ text: `Undone.${rest}` });
    await queryClient.invalidateQueries({ queryKey: ['duplicates'] });
    if (groupId && gone === 0) showAgain(groupId);
  } catch (error) {
    toast({ text: `Not undone: ${wordsOf(error)}` });
  }
}

function bringBack(ids: readonly string[]): void {
  stopWaiting(ids);
  if (ids[0] && ids.length === 1) showAgain(ids[0]);
}

function showAgain(groupId: string): void {
  const { view, search } = place.value;
  if (view.name === 'group' && view.groupId !== groupId) navigate(hrefOfGroup(groupId, search));
}

function wait(ids: readonly string[], each: Waiting): void {
  waiting.value = new Map([...waiting.value, ...ids.map((id) => [id, each] as const)]);
}

function stopWaiting(ids: readonly string[]): void {
  waiting.value = new Map([...waiting.value].filter(([id]) => !ids.includes(id)));
}
