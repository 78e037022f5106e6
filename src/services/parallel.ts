/**
 * Asks for every different key, a few at a time, and answers in the order of the keys. When one fails, no further one
 * is begun.
 */
export async function askInParallel<T>(
  keys: readonly string[],
  maxParallel: number,
  ask: (key: string) => Promise<T>,
): Promise<T[]> {
  const answers = new Map<string, T>();
  const distinct = [...new Set(keys)];
  let next = 0;
  const worker = async () => {
    try {
      while (next < distinct.length) {
        const key = distinct[next++]!;
        answers.set(key, await ask(key));
      }
    } catch (error) {
      next = distinct.length;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxParallel, distinct.length) }, worker));
  return keys.map((key) => answers.get(key)!);
}
