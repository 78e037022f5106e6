/** The error as a result, for batches whose keys are read one by one: a key that fails must not fail its neighbours. */
export async function settle<T>(promise: Promise<T>): Promise<T | Error> {
  return promise.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

/** Reads all keys at once. */
export function settleAll<K, T>(keys: readonly K[], read: (key: K) => Promise<T>): Promise<(T | Error)[]> {
  return Promise.all(keys.map((key) => settle(read(key))));
}

/** Makes one read for all keys of a group; an error is the result of each of its keys. */
export async function settleGroups<K extends object, T>(
  keys: readonly K[],
  groupOf: (key: K) => string,
  read: (group: readonly K[]) => Promise<readonly T[]>,
): Promise<(T | Error)[]> {
  const groups = new Map<string, K[]>();
  for (const key of keys) {
    const text = groupOf(key);
    const group = groups.get(text);
    if (group) group.push(key);
    else groups.set(text, [key]);
  }
  const results = new Map<K, T | Error>();
  const readGroup = async (group: readonly K[]) => {
    const result = await settle(read(group));
    for (const [i, key] of group.entries()) results.set(key, result instanceof Error ? result : result[i]!);
  };
  await Promise.all([...groups.values()].map(readGroup));
  return keys.map((key) => results.get(key)!);
}
