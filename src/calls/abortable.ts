/** Waits for the promise, but no longer than until the signal is aborted: then it rejects with the reason. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    const settleBy =
      <V>(settle: (value: V) => void) =>
      (value: V) => {
        signal.removeEventListener('abort', giveUp);
        settle(value);
      };
    promise.then(settleBy(resolve), settleBy(reject));
    if (signal.aborted) giveUp();
  });
}
