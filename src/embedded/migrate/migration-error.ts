/** Thrown when a copy cannot be made or cannot be relied on. The message is one line. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
