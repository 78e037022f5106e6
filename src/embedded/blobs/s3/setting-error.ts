/** The object store cannot be used as it is set. The message is one line, names the setting, and holds no secret. */
export class S3SettingError extends Error {
  override readonly name = 'S3SettingError';
}
