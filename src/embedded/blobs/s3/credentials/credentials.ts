/** The keys that requests to S3 are signed with. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** In milliseconds since 1970; null for those that last. */
  expiresAt: number | null;
}

/** Asks for credentials, anew each time. It throws an S3SettingError, which names the setting to look at. */
export type CredentialSource = () => Promise<Credentials>;
