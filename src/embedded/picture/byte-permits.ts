/** Gives out permits for bytes up to a budget, in the order in which they were asked for. */
export interface BytePermits {
  /**
   * Resolves with the function that gives the permit back. More than the budget is granted when nothing else is out.
   */
  acquire(bytes: number): Promise<() => void>;
}

export function createBytePermits(budget: number): BytePermits {
  const waiting: { bytes: number; grant: () => void }[] = [];
  let free = budget;

  function grantNext(): void {
    for (let next = waiting[0]; next && next.bytes <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.bytes;
      next.grant();
    }
  }

  return {
    acquire(wanted) {
      const bytes = Math.min(wanted, budget);
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        free += bytes;
        grantNext();
      };
      return new Promise((resolve) => {
        waiting.push({ bytes, grant: () => resolve(release) });
        grantNext();
      });
    },
  };
}
