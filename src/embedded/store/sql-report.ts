/** The duration of SQL. */
export interface SqlReport {
  /** READ and WRITE: a statement in the main thread. SCAN and VISUAL_SEARCH: a call to a thread that reads many rows. */
  kind: 'READ' | 'WRITE' | 'SCAN' | 'VISUAL_SEARCH';
  durationMs: number;
}

/** Told of each statement or call at its end. */
export type OnSql = (report: SqlReport) => void;
