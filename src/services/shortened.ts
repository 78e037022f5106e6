const MAX_CHARACTERS = 200;

/** What a message repeats of a text that somebody sent: at most 200 characters, none of them cut in half. */
export function shortened(text: string): string {
  const characters = [...text.slice(0, 2 * MAX_CHARACTERS + 1)];
  return characters.length <= MAX_CHARACTERS ? text : `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`;
}
