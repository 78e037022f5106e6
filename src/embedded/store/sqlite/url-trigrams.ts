import { isStorable } from '../../../services/storable-text.js';

const TRIGRAM = 3;
/** More of them cost more than they tell apart. */
const MAX_TRIGRAMS = 16;

/**
 * A query of the index `url_trigrams`, before `lower`, for the URLs with some of the text's trigrams. Each URL with the
 * text is among them; others may be, too.
 *
 * @returns null for a text that has no trigram, or that no row can have
 */
export function trigramQuery(text: string): string | null {
  const characters = [...text];
  if (characters.length < TRIGRAM || !isStorable(text)) return null;
  // One after the other they cover the text; the last one may lie over the one before.
  const lastStart = characters.length - TRIGRAM;
  const count = Math.min(Math.ceil(characters.length / TRIGRAM), MAX_TRIGRAMS);
  const trigrams = Array.from({ length: count }, (_, index) => {
    const start = Math.max(lastStart - index * TRIGRAM, 0);
    return characters.slice(start, start + TRIGRAM).join('');
  });
  return trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' ');
}
