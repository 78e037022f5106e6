/** For batches whose keys are asked one by one: one key that fails must not fail its neighbours. */
export async function settle<T>(promise: Promise<T>): Promise<T | Error> {
  return promise.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}
