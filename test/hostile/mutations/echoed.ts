/** How much of what was sent a message may repeat. */
const MAX_REPEATED = 200;

/** What printers add or leave out on the way into a message. */
const PRINTED = /[\s"'\\,]/g;

/** The longest part of a message that stands in what was sent; null where it is short enough. */
export function repeatedTooMuch(message: string, sent: readonly string[]): string | null {
  if (message.length <= MAX_REPEATED) return null;
  const words = message.replace(PRINTED, '');
  const texts = sent.map((text) => text.replace(PRINTED, ''));
  const length = MAX_REPEATED + 1;
  for (let start = 0; start + length <= words.length; start++) {
    const part = words.slice(start, start + length);
    if (texts.some((text) => text.includes(part))) return part;
  }
  return null;
}

/** All that a request says, in the forms in which an answer could repeat it. */
export function textsOf(target: string, body: string, headers: Record<string, unknown>): string[] {
  const decoded = decode(target);
  return [decoded, unescape(decoded), body, unescape(body), Object.values(headers).join('\n')];
}

function decode(target: string): string {
  const spaced = target.replaceAll('+', ' ');
  return spaced.replace(/(?:%[\da-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  );
}

/** Reads the escapes of JSON. */
function unescape(text: string): string {
  return text.replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
