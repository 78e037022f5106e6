/** Gives out permits for bytes up to a budget, in the order in which they were asked for. */
export interface BytePermits {
  /**
   * Resolves with the function that gives the permit back. More than the budget is granted when nothing else is out.
   * @param canWait lets all others go first that ask before it is granted
   */
  acquire(bytes: number, canWait?: boolean): Promise<() => void>;
}

export function createBytePermits(budget: number): BytePermits {
  const first: { bytes: number; grant: () => void }[] = [];
  const last: typeof first = [];
  let free = budget;

  function grantNext(): void {
    for (;;) {
      const waiting = first.length > 0 ? first : last;
      const [next] = waiting;
      if (!next || next.bytes > free) return;
      waiting.shift();
      free -= next.bytes;
      next.grant();
    }
  }

  return {
    acquire(wanted, canWait = false) {
      const bytes = Math.min(wanted, budget);
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        free += bytes;
        grantNext();
      };
      return new Promise((resolve) => {
        (canWait ? last : first).push({ bytes, grant: () => resolve(release) });
        grantNext();
      });
    },
  };
}
