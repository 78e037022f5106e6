import type { CredentialSource, Credentials } from './credentials.js';

/** How long before they expire new ones are asked for. */
const EARLY_MS = 5 * 60_000;
/** Between two times of asking in vain, or for such as last no longer than that. */
const PAUSE_MS = 10_000;

/** Remembers credentials, and renews them in time. */
export class RememberedCredentials {
  readonly #source: CredentialSource;
  #current: Credentials | null = null;
  #asking: Promise<Credentials> | null = null;
  #pauseUntil = 0;

  constructor(source: CredentialSource) {
    this.#source = source;
  }

  /**
   * Those that hold, without waiting where there are any: new ones come while the old ones hold. One question is under
   * way at a time, however many wait.
   * @throws S3SettingError when there are none
   */
  get(): Promise<Credentials> | Credentials {
    const now = Date.now();
    const current = this.#current;
    const msLeft = current ? (current.expiresAt ?? Number.POSITIVE_INFINITY) - now : 0;
    if (current && msLeft > EARLY_MS) return current;
    if (current && msLeft > 0) {
      // A failure is tried again, and told once the old ones have expired.
      if (now >= this.#pauseUntil) this.#renew().catch(() => {});
      return current;
    }
    return this.#renew();
  }

  #renew(): Promise<Credentials> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<Credentials> {
    this.#pauseUntil = Date.now() + PAUSE_MS;
    const credentials = await this.#source();
    this.#current = credentials;
    return credentials;
  }
}
