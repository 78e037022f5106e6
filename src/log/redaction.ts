/** Enough for every path and name that is meant seriously. */
const MAX_LENGTH = 256;

/** A text that somebody else chose, no longer than a line bears. */
export function bounded(text: string, maxLength = MAX_LENGTH): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** Where a request goes, without its query: keys and addresses with passwords may stand there. */
export function loggedPath(url: string): string {
  const query = url.indexOf('?');
  return bounded(redactCredentials(query < 0 ? url : url.slice(0, query)));
}

/** To a tenth of a millisecond. */
export function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

/** A text in which addresses such as https://me:secret@host have lost who asks. */
export function redactCredentials(text: string): string {
  return text.includes('@') ? text.replace(/(\/\/|%2f%2f)[^/@\s]*@/gi, '$1…@') : text;
}
