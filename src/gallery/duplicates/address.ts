import { hrefOf } from '../router.js';

/** How sure the pairs of a group are at least. */
export const LIKENESSES = {
  NEARLY_CERTAIN: 'Nearly certain',
  LIKELY: 'Likely',
  POSSIBLE: 'Possible',
} as const;

export type PairLikeness = keyof typeof LIKENESSES;

/** How two pictures are compared. */
export const WAYS = {
  side: 'Side by side',
  flip: 'Flip',
  slider: 'Slider',
  difference: 'Difference',
} as const;

export type Way = keyof typeof WAYS;

export function likenessOf(search: URLSearchParams): PairLikeness {
  return oneOf(LIKENESSES, search.get('likeness')) ?? 'NEARLY_CERTAIN';
}

export function wayOf(search: URLSearchParams): Way {
  return oneOf(WAYS, search.get('view')) ?? 'side';
}

/** The places of the two members that are compared, from 0, as `?pair=1-3` counts them from 1. */
export function pairOf(search: URLSearchParams, members: number): readonly [number, number] {
  const [left = Number.NaN, right = Number.NaN] = (search.get('pair') ?? '')
    .split('-')
    .map((text) => Number(text) - 1);
  const isMember = (at: number) => Number.isInteger(at) && at >= 0 && at < members;
  return isMember(left) && isMember(right) && left !== right ? [left, right] : [0, 1];
}

export function hrefOfGroup(groupId: string, search: URLSearchParams): string {
  const kept = ['likeness', 'view'].flatMap((name) => {
    const value = search.get(name);
    return value === null ? [] : [[name, value]];
  });
  return hrefOf({ name: 'group', groupId }, Object.fromEntries(kept));
}

export function hrefOfList(search: URLSearchParams): string {
  const likeness = search.get('likeness');
  return hrefOf({ name: 'duplicates' }, likeness === null ? {} : { likeness });
}

function oneOf<Name extends string>(
  names: Readonly<Record<Name, unknown>>,
  given: string | null,
): Name | null {
  return given !== null && Object.hasOwn(names, given) ? (given as Name) : null;
}
