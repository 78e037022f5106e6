/**
 * Bars that belong together.
 *
 * @typedef {object} Group
 * @property {string} name
 * @property {readonly { name: string, value: number }[]} bars each one server
 */

const COLOURS = {
  Lookalike: '#2463d6',
  'bare graphql-jit': '#b8bec9',
  Mercurius: '#7d8796',
  Yoga: '#e0a458',
  'Apollo Server': '#c8553d',
};
const WIDTH = 720;
const LEFT = 190;
const BAR = 11;
const GAP = 14;
const TOP = 62;
/** Bars end here, with their figure behind them. */
const MOST = 5;

/**
 * A chart of ratios, as lines from left to right.
 *
 * @param {string} title
 * @param {readonly Group[]} groups
 * @returns {string} SVG
 */
export function chartOf(title, groups) {
  const unit = (WIDTH - LEFT - 60) / MOST;
  const lines = [];
  let y = TOP;
  for (const { name, bars } of groups) {
    lines.push(text(LEFT - 10, y + (bars.length * BAR) / 2 + 4, name, 'end'));
    for (const { name: server, value } of bars) {
      const width = Math.min(value, MOST) * unit;
      lines.push(
        `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 2}" fill="${COLOURS[server]}"><title>${server}: ${value.toFixed(2)}</title></rect>`,
        text(LEFT + width + 4, y + BAR - 3, value.toFixed(2), 'start', 9),
      );
      y += BAR;
    }
    y += GAP;
  }
  const height = y + 6;
  const one = (LEFT + unit).toFixed(1);
  const legend = Object.entries(COLOURS).map(([name, colour], i) => {
    const x = LEFT + i * 105;
    return `<rect x="${x}" y="34" width="10" height="10" fill="${colour}"/>${text(x + 14, 43, name, 'start', 11)}`;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" fill="#1d2430" role="img" aria-label="${title}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(16, 20, title, 'start', 14),
    ...legend,
    `<path d="M${one} ${TOP - 8}V${height - 8}" stroke="#1d2430" stroke-dasharray="2 3"/>`,
    ...lines,
    '</svg>',
  ].join('\n')}\n`;
}

function text(x, y, words, anchor, size = 12) {
  return `<text x="${x.toFixed?.(1) ?? x}" y="${y}" text-anchor="${anchor}" font-size="${size}">${words}</text>`;
}
