/** Characters that could move the cursor, change the colour or turn the direction of a terminal. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** A value that needs no quotes. */
const WORD = /^[^\s"=]+$/;

type Fields = Record<string, unknown>;

/** Formats a line of JSON for people; the stack of an error follows in lines of its own. */
export function formatLine(json: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(json) as Fields;
  const words = Object.entries(fields).map(([name, value]) => `${name}=${formatValue(value)}`);
  const head = [String(time).slice(11, 23), String(level).toUpperCase().padEnd(5), printable(String(msg))];
  return `${[...head, ...words].join(' ')}\n${formatError(err as Fields | undefined)}`;
}

function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return printable(WORD.test(text) ? text : JSON.stringify(text));
}

function formatError(error: Fields | undefined, prefix = ''): string {
  if (!error) return '';
  const lines = `${prefix}${error.stack ?? `${error.type}: ${error.message}`}`.split('\n');
  const cause = formatError(error.cause as Fields | undefined, 'Caused by ');
  return lines.map((line) => `  ${printable(line)}\n`).join('') + cause;
}

function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
