/** An error repeats what was sent: enough to find it again, and no more. */
const MAX_QUOTED = 64;
/** With the words around it. A request that is meant seriously has no longer ones. */
const MAX_MESSAGE = 200;
/** Finding the ends of what is quoted takes time that grows with the square of this. */
const MAX_SEARCHED = 2000;

/** The message of an error, which repeats at most 200 characters of what was sent. */
export function shortMessage(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  const shorter = cutOut(message, MAX_SEARCHED).replace(/"(?:[^"\\]|\\.)*"/gs, (quoted) =>
    cutOut(quoted, MAX_QUOTED),
  );
  return cutOut(shorter, MAX_MESSAGE);
}

/** Cuts out of the middle: the end of a message often says more. */
function cutOut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = Math.floor((maxLength - 1) / 2);
  return `${text.slice(0, kept)}…${text.slice(-kept)}`.toWellFormed();
}
