/** Work that one process does at a time. Its lease runs out by the database's clock when the process does not renew it. */
export interface Leases {
  /**
   * Takes the lease for so long, or renews it.
   * @param holder unlike that of any other process
   * @returns who has it now
   */
  take(name: string, holder: string, ms: number): Promise<string>;
  /** Nothing happens when somebody else has it. */
  release(name: string, holder: string): Promise<void>;
}

/** Those of a database that one process writes at a time. */
export const NO_OTHERS: Leases = {
  take: async (_, holder) => holder,
  async release() {},
};
