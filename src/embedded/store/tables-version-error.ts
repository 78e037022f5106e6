/** Thrown when the tables are of another version than this program works with. The message is one line. */
export class TablesVersionError extends Error {
  override readonly name = 'TablesVersionError';
}
