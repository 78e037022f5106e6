import { Icon } from '../shell/icon.js';
import { bitsInWords } from '../similar/words.js';
import type { Numbered } from './compare.js';
import { bitsApart, type Difference, differencesOf } from './differences.js';

/** In what two pictures differ, the better one marked in words. */
export function Differences({ pair: [left, right] }: { pair: readonly [Numbered, Numbered] }) {
  const [a, b] = [left.member.entry, right.member.entry];
  const { differences, same } = differencesOf(a, b);
  return (
    <section aria-label="What differs">
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Fact</span>
            </th>
            <th scope="col">{left.number}</th>
            <th scope="col">{right.number}</th>
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <Row key={difference.name} {...difference} />
          ))}
        </tbody>
      </table>
      <p class="hint">
        {a.perceptualHash &&
          b.perceptualHash &&
          `${bitsInWords(bitsApart(a.perceptualHash, b.perceptualHash))}. `}
        {same.length > 0 && `The same: ${same.join(', ').toLowerCase()}.`}
      </p>
    </section>
  );
}

function Row({ name, values: [left, right], better }: Difference) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <Cell value={left} words={better?.side === 0 ? better.words : null} />
      <Cell value={right} words={better?.side === 1 ? better.words : null} />
    </tr>
  );
}

/** @param words of what is better here; null where it is not */
function Cell({ value, words }: { value: string; words: string | null }) {
  return (
    <td class={words ? 'better' : ''}>
      {value}
      {words && (
        <span class="better-words">
          <Icon name="check" /> {words}
        </span>
      )}
    </td>
  );
}
