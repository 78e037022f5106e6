/** The schemes whose paths can end in parameters, as in `a;b=c.jpg`, by Python's urllib. */
const SCHEMES_WITH_PARAMETERS = new Set([
  '',
  'ftp',
  'hdl',
  'prospero',
  'http',
  'https',
  'shttp',
  'rtsp',
  'rtsps',
  'sip',
  'sips',
  'mms',
  'sftp',
  'tel',
]);

/**
 * The file name that imgcache gives to an image found at a URL: the last segment of the path, as it stands there,
 * without decoding. Null when the path ends in a slash or is empty, and when the host's brackets do not pair.
 * The URL is split as Python's urlparse does it, which takes any text.
 */
export function originalFilename(url: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: urlparse drops exactly these.
  const text = url.replace(/^[\x00-\x20]+/, '').replace(/[\t\r\n]/g, '');
  const [, scheme = '', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):)?(.*)$/is.exec(text)!;
  const [, host = '', path = ''] = /^(?:\/\/([^/?#]*))?([^?#]*)/.exec(rest)!;
  if (host.includes('[') !== host.includes(']')) return null;
  const segment = path.slice(path.lastIndexOf('/') + 1);
  const name = SCHEMES_WITH_PARAMETERS.has(scheme.toLowerCase()) ? segment.replace(/;.*/s, '') : segment;
  return name === '' ? null : name;
}
