/** A list that is read part by part. */
export type NextPart<Item> = () => Promise<readonly Item[]>;

/** What has been read of a list, and not been given yet; one at least. */
interface Head<Item> {
  waiting: Item[];
  next: NextPart<Item>;
}

/**
 * Merges ordered lists into one, in batches.
 * @param lists each gives its next part, empty at its end
 */
export async function* mergeLists<Item>(
  lists: readonly NextPart<Item>[],
  compare: (a: Item, b: Item) => number,
  batchSize: number,
): AsyncGenerator<readonly Item[]> {
  // By their first items, the last one first.
  const heads: Head<Item>[] = [];
  const readOn = async (next: NextPart<Item>) => {
    const waiting = [...(await next())];
    if (waiting.length > 0) insert(heads, { waiting, next }, compare);
  };
  for (const next of lists) await readOn(next);
  let batch: Item[] = [];
  for (let head = heads.pop(); head; head = heads.pop()) {
    batch.push(head.waiting.shift()!);
    if (head.waiting.length > 0) insert(heads, head, compare);
    else await readOn(head.next);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function insert<Item>(heads: Head<Item>[], head: Head<Item>, compare: (a: Item, b: Item) => number): void {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(heads[middle]!.waiting[0]!, head.waiting[0]!) > 0) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, head);
}
