/** Letters of ASCII in lower case, and all others as they are: so the databases compare too. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
