/** How many keys one statement is given: SQLite takes 32,766 values, and a key may need two of them. */
const MAX_KEYS = 8192;

/**
 * The rows of all keys, by as few statements as they fit into.
 *
 * @param rowsOf gives the rows of some keys; those of one key stay in its order, and come twice where the key does
 */
export async function readByKeys<Key, Row>(
  keys: readonly Key[],
  rowsOf: (keys: readonly Key[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: (readonly Row[])[] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS)
    rows.push(await rowsOf(padded(keys.slice(start, start + MAX_KEYS))));
  return rows.flat();
}

/**
 * The keys, filled up with one of them to a power of two: each number of keys is a statement of its own, which is kept,
 * and one of thousands of keys takes megabytes.
 *
 * @param keys one at least
 */
export function padded<Key>(keys: readonly Key[]): Key[] {
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return [...keys, ...Array<Key>(size - keys.length).fill(keys[0]!)];
}
