/** Longer than the paths and names of all but abuse. */
const MAX_LENGTH = 256;

/** A text that a client chose, cut to a length that a line of the log bears. */
export function bounded(text: string, maxLength = MAX_LENGTH): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** The path of a request for the log, without its query: keys and addresses with passwords may stand there. */
export function loggedPath(url: string): string {
  const query = url.indexOf('?');
  return bounded(redactCredentials(query < 0 ? url : url.slice(0, query)));
}

/** A duration for the log, rounded to a tenth of a millisecond. */
export function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

/** A text without the user and the password in addresses such as https://me:secret@host. */
export function redactCredentials(text: string): string {
  return text.includes('@') ? text.replace(/(\/\/|%2f%2f)[^/@\s]*@/gi, '$1…@') : text;
}
