/** The order of code points, as UTF-8 and the databases have it; strings of JavaScript sort by UTF-16 code unit. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
