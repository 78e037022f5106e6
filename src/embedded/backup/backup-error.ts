/** A backup that cannot be made. The message is one line. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
