import type { Sent } from './headers.js';

/** How much of what was sent a message may repeat. */
const MAX_REPEATED = 200;

/** What printers add or leave out on the way into a message. */
const PRINTED = /[\s"'\\,]/g;

/** Of messages those that repeat too long a part of what was sent. */
export function repetitions(messages: readonly string[], { target, body, headers }: Sent): string[] {
  const long = messages.filter(({ length }) => length > MAX_REPEATED);
  if (long.length === 0) return [];
  const sent = textsOf(target, Buffer.concat([body ?? []].flat()).toString(), headers);
  return long.filter((message) => repeatsTooMuch(message, sent));
}

function repeatsTooMuch(message: string, sent: readonly string[]): boolean {
  const words = message.replace(PRINTED, '');
  const texts = sent.map((text) => text.replace(PRINTED, ''));
  const length = MAX_REPEATED + 1;
  for (let start = 0; start + length <= words.length; start++) {
    const part = words.slice(start, start + length);
    if (texts.some((text) => text.includes(part))) return true;
  }
  return false;
}

/** All that a request says, in the forms in which an answer could repeat it. */
function textsOf(target: string, body: string, headers: Record<string, unknown>): string[] {
  const decoded = decode(target);
  return [decoded, unescaped(decoded), body, unescaped(body), Object.values(headers).join('\n')];
}

function decode(target: string): string {
  const spaced = target.replaceAll('+', ' ');
  return spaced.replace(/(?:%[\da-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  );
}

/** Reads the escapes of JSON. */
function unescaped(text: string): string {
  return text.replace(/\\u([\da-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
