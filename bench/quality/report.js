// Prints what was measured as tables.
import { EDITS, LIGHT } from './edits/edits.js';
import { makesPart } from './shared-pixels.js';

const print = (line = '') => process.stdout.write(`${line}\n`);
const CLASSES = ['photograph', 'product', 'drawn', 'text', 'code'];

/**
 * @param {import('./pictures.js').Item[]} items
 * @param {Awaited<ReturnType<typeof import('./measure.js').measure>>} measured
 */
export function printReport(items, { outcomes, controls, oneWay, times }) {
  printRecall(outcomes);
  printFalse(items, outcomes, controls);
  printCodes(items, outcomes);
  printOneWay(oneWay);
  printMistaken(outcomes);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(1);
  print(`\n${times.length} searches: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
}

const columns = [
  ['photographs, held out', ({ source }) => source.class === 'photograph' && source.heldOut],
  ['photographs, fitted', ({ source }) => source.class === 'photograph' && !source.heldOut],
  ...CLASSES.slice(1).map((name) => [name, ({ source }) => source.class === name]),
];

const halvesOf = (name) =>
  [true, false].map((heldOut) => [
    `${name}, ${heldOut ? 'held out' : 'fitted'}`,
    ({ source }) => source.class === name && source.heldOut === heldOut,
  ]);

function printRecall(outcomes) {
  print(
    `## Found, by edit (number of pictures)\n\n| edit | ${columns.map(([title]) => title).join(' | ')} |`,
  );
  print(`|---|${'---|'.repeat(columns.length)}`);
  const byEdit = ['', ...Object.keys(EDITS)].map((edit) => {
    const own = outcomes.filter(({ item }) => item.edit === edit);
    return { edit, shares: columns.map(([, belongs]) => share(own.filter(({ item }) => belongs(item)))) };
  });
  for (const { edit, shares } of byEdit)
    print(
      `| ${edit || 'none'} | ${shares.map(({ found, of }) => (of ? `${(found / of).toFixed(2)} (${of})` : '')).join(' | ')} |`,
    );
  const mean = (title, chosen) => {
    const cells = columns.map((_, at) => {
      const some = chosen.map(({ shares }) => shares[at]).filter(({ of }) => of > 0);
      return (some.reduce((sum, { found, of }) => sum + found / of, 0) / some.length).toFixed(4);
    });
    print(`| **${title}** | ${cells.map((cell) => `**${cell}**`).join(' | ')} |`);
  };
  mean('mean of all', byEdit);
  mean(
    'mean of the light ones',
    byEdit.filter(({ edit }) => edit === '' || LIGHT.has(edit)),
  );
}

function share(outcomes) {
  return { found: outcomes.filter(({ found }) => found).length, of: outcomes.length };
}

function printFalse(items, outcomes, controls) {
  print('\n## False results: a picture of another source, among all originals and tiles\n');
  print(
    '| queries | pairs | in a million | sharing a part, by pixels | near-variants, by family | of two originals |\n|---|---|---|---|---|---|',
  );
  const indexed = items.filter(({ kind }) => kind !== 'copy');
  for (const [title, belongs] of [...columns, ...halvesOf('text')]) {
    const own = outcomes.filter(({ item }) => belongs(item));
    const wrong = own.flatMap(({ item, wrong }) => wrong.map((other) => ({ asked: item, ...other })));
    const because = (variant) => wrong.filter((other) => other.variant === variant);
    const originals = because(null).filter(
      ({ asked, item }) => asked.kind === 'original' && item.kind === 'original',
    );
    const pairs = own.length * indexed.length;
    const rate = ({ length }) => `${((length * 1e6) / pairs).toFixed(2)} (${length})`;
    print(
      `| ${title} | ${(pairs / 1e6).toFixed(1)} M | ${rate(because(null))} | ${rate(because('PIXELS'))} | ${rate(because('FAMILY'))} | ${originals.length} |`,
    );
  }
  print(
    `\nOther pictures laid in the same way: ${controls.length}, with ${Math.max(0, ...controls)} cells that agree at most; ${controls.filter(makesPart).length} would be taken to share a part.`,
  );
}

/** Codes of one kind are no variants of each other for those who keep them. */
function printCodes(items, outcomes) {
  print('\n## Codes: ordered pairs of different originals of a kind that match\n');
  print('| kind | pairs | match | share |\n|---|---|---|---|');
  const kinds = new Set(
    items.filter(({ source }) => source.class === 'code').map(({ source }) => source.family),
  );
  for (const kind of kinds) {
    const own = outcomes.filter(
      ({ item }) => item.kind === 'original' && item.source.class === 'code' && item.source.family === kind,
    );
    const match = own
      .flatMap(({ wrong }) => wrong)
      .filter(({ item }) => item.source.class === 'code' && item.source.family === kind).length;
    const pairs = own.length * (own.length - 1);
    print(`| ${kind} | ${pairs} | ${match} | ${((100 * match) / pairs).toFixed(1)} % |`);
  }
}

function printOneWay(pairs) {
  const single = pairs.filter(({ there, back }) => !there || !back);
  print(`\n## One way: ${single.length} of ${pairs.length} pairs of original and copy that match\n`);
  const byEdit = new Map();
  for (const { item, there } of single) {
    const counts = byEdit.get(item.edit) ?? { copy: 0, original: 0 };
    counts[there ? 'copy' : 'original']++;
    byEdit.set(item.edit, counts);
  }
  print('| edit | only the copy finds the original | only the original finds the copy |\n|---|---|---|');
  for (const [edit, { copy, original }] of [...byEdit].sort(
    (a, b) => b[1].copy + b[1].original - a[1].copy - a[1].original,
  ))
    print(`| ${edit} | ${copy} | ${original} |`);
}

function printMistaken(outcomes) {
  print(
    '\n## Mostly mistaken, near-variants aside\n\n| asked | found | how often | least rank |\n|---|---|---|---|',
  );
  const pairs = new Map();
  for (const { item, wrong } of outcomes) {
    for (const other of wrong) {
      if (other.variant) continue;
      const key = `${item.source.class} ${item.source.id} | ${other.item.source.class} ${other.item.source.id}${other.item.kind === 'tile' ? ` tile ${other.item.edit}` : ''}`;
      const known = pairs.get(key) ?? { count: 0, rank: other.rank };
      pairs.set(key, { count: known.count + 1, rank: Math.min(known.rank, other.rank) });
    }
  }
  for (const [key, { count, rank }] of [...pairs].sort((a, b) => b[1].count - a[1].count).slice(0, 25))
    print(`| ${key} | ${count} | ${rank} |`);
}
