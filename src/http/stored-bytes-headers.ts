/**
 * Sent with every stored image. Anybody may have stored anything, an SVG or an HTML page with scripts too: the type is
 * not guessed from the bytes, and opened as a page they run nothing, load nothing and share no origin with the gateway.
 */
export const STORED_BYTES_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
} as const;
