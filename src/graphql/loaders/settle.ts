/** For batches whose keys are asked one by one: one key that fails must not fail its neighbours. */
export async function settle<T>(promise: Promise<T>): Promise<T | Error> {
  return promise.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

/** Asks for all keys at once. */
export function settleAll<K, T>(keys: readonly K[], ask: (key: K) => Promise<T>): Promise<(T | Error)[]> {
  return Promise.all(keys.map((key) => settle(ask(key))));
}

/** Asks one question for all keys that have a text in common; what fails, fails for these. */
export async function settleGroups<K extends object, T>(
  keys: readonly K[],
  groupOf: (key: K) => string,
  ask: (group: readonly K[]) => Promise<readonly T[]>,
): Promise<(T | Error)[]> {
  const groups = new Map<string, K[]>();
  for (const key of keys) {
    const text = groupOf(key);
    const group = groups.get(text);
    if (group) group.push(key);
    else groups.set(text, [key]);
  }
  const answers = new Map<K, T | Error>();
  const askGroup = async (group: readonly K[]) => {
    const answer = await settle(ask(group));
    for (const [i, key] of group.entries()) answers.set(key, answer instanceof Error ? answer : answer[i]!);
  };
  await Promise.all([...groups.values()].map(askGroup));
  return keys.map((key) => answers.get(key)!);
}
