import type { EntryFilter, EntryOrder } from '../generated.js';

/** The orders of a list, as the address and the reader name them. */
export const ORDERS = {
  newest: ['NEWEST_FIRST', 'Newest first'],
  oldest: ['OLDEST_FIRST', 'Oldest first'],
  largest: ['LARGEST_FIRST', 'Largest first'],
  smallest: ['SMALLEST_FIRST', 'Smallest first'],
} as const satisfies Record<string, readonly [EntryOrder, string]>;

export type OrderName = keyof typeof ORDERS;

export function orderOf(search: URLSearchParams): OrderName {
  const name = search.get('order') ?? '';
  return Object.hasOwn(ORDERS, name) ? (name as OrderName) : 'newest';
}

/** What a list leaves out, by its address: `q`, `client`, `type`, `from`, `before`, `min`, `decoded`. */
export function filterOf(search: URLSearchParams): EntryFilter {
  const [clients, types] = [search.getAll('client'), search.getAll('type')];
  const [from, before] = [startOfDay(search.get('from')), startOfDay(search.get('before'))];
  const min = Number(search.get('min'));
  const q = search.get('q')?.trim();
  return {
    ...(q && { urlContains: q }),
    ...(clients.length > 0 && { clientNames: clients }),
    ...(types.length > 0 && { contentTypes: types }),
    ...(from && { createdFrom: from }),
    ...(before && { createdBefore: before }),
    ...(Number.isInteger(min) && min > 0 && { minWidth: min }),
    ...(search.has('decoded') && { hasPerceptualHash: search.get('decoded') === 'yes' }),
  };
}

/** A condition of the list, as a chip shows it. */
export interface Chip {
  name: string;
  /** Of several values of one name this one. */
  value: string;
  label: string;
}

const LABELS: Readonly<Record<string, (value: string) => string>> = {
  q: (value) => `“${value}”`,
  client: (value) => `by ${value}`,
  type: (value) => value.replace(/^image\//, ''),
  from: (value) => `since ${value}`,
  before: (value) => `before ${value}`,
  min: (value) => `at least ${value} px wide`,
  decoded: (value) => (value === 'yes' ? 'decoded' : 'not decoded'),
};

export function chipsOf(search: URLSearchParams): Chip[] {
  return [...search].flatMap(([name, value]) => {
    const label = Object.hasOwn(LABELS, name) && LABELS[name]?.(value);
    return label && value ? [{ name, value, label }] : [];
  });
}

/** The reader's day begins when it does where they are. */
function startOfDay(date: string | null): string | null {
  const time = new Date(`${date}T00:00`);
  return date && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}
