/** Whether every database keeps a text as it is: one without NUL characters and without halves of surrogate pairs. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Controls, and halves of surrogate pairs: text that no database, header or log line keeps as it is. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

/** Whether a text is one line that is kept as it is everywhere. */
export function isLine(text: string): boolean {
  return !UNFIT.test(text);
}
