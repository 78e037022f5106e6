/** Thrown when the tables are not those that this program works with. The message is one line. */
export class TablesVersionError extends Error {
  override readonly name: string = 'TablesVersionError';
}

/** Thrown when there are none. */
export class NoTablesError extends TablesVersionError {
  override readonly name = 'NoTablesError';
}
