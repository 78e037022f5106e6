/** Maps in order, with a number of items under way at a time. After the first failure no further one is begun. */
export function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  if (items.length <= concurrency) return Promise.all(items.map((item) => map(item)));
  return mapInTurn(items, concurrency, map);
}

async function mapInTurn<T, R>(
  items: readonly T[],
  concurrency: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const entries = items.entries();
  let failed = false;
  const work = async () => {
    for (const [index, item] of entries) {
      if (failed) return;
      results[index] = await map(item);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    failed = true;
  }
  return results;
}

/** The same for keys of which some may be given twice: each is asked for once. */
export function askConcurrently<T>(
  keys: readonly string[],
  concurrency: number,
  ask: (key: string) => Promise<T>,
): Promise<T[]> {
  const [first] = keys;
  // Most often it is one, for which a promise of all takes longer than its own.
  if (first !== undefined && keys.length === 1) return ask(first).then((answer) => [answer]);
  const distinct = [...new Set(keys)];
  const answers = mapConcurrently(distinct, concurrency, ask);
  if (distinct.length === keys.length) return answers;
  return answers.then((each) => {
    const byKey = new Map(distinct.map((key, index) => [key, each[index]!]));
    return keys.map((key) => byKey.get(key)!);
  });
}
