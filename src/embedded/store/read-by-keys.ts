/** How many keys one statement is given: SQLite takes 32,766 values, and a key may need two of them. */
const MAX_KEYS = 10_000;

/** The rows of all keys, in no order, by as few statements as they fit into. */
export async function readByKeys<Key, Row>(
  keys: readonly Key[],
  rowsOf: (keys: readonly Key[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: (readonly Row[])[] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS)
    rows.push(await rowsOf(keys.slice(start, start + MAX_KEYS)));
  return rows.flat();
}
