/** Whether every database keeps a text as it is: one without NUL characters and without halves of surrogate pairs. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
