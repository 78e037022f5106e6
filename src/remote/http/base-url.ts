/** Where a service is, taken apart for use. */
export interface BaseUrl {
  /** Without credentials. */
  origin: string;
  /** Such as `/api/v1`, without a slash at its end; empty for none. */
  pathPrefix: string;
  /** Basic authentication, where the URL holds a user. */
  headers: Record<string, string>;
}

/** @throws TypeError when it is no URL */
export function parseBaseUrl(text: string): BaseUrl {
  const { origin, pathname, username, password } = new URL(text);
  const user = [username, password].map(decodeURIComponent).join(':');
  return {
    origin,
    pathPrefix: pathname.replace(/\/+$/, ''),
    headers: user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
  };
}
