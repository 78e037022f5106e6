// The pictures that the quality bench looks for: photographs and graphics, each with the source that it comes from.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const PACKAGES = [
  'gnome-backgrounds',
  'lomiri-wallpapers-16.04',
  'lomiri-wallpapers-20.04',
  'lxqt-themes',
  'mate-backgrounds',
  'plasma-workspace-wallpapers',
  'ukui-wallpapers',
];

// Wallpapers that were taken with a camera; every other one counts as a graphic.
const PHOTOGRAPHS =
  /Bridge_by|Dragonfly_by|free_by|greentock_by|Kleiber_by|Butterfly-Kenneth|Valendas\.png|after-the-rain|appleflower|beam\.png|butterfly\.png|cloud\.png|drop\.png|flowers\.png|fog\.jpg|this-is-not-windows|mate\/nature\/|\/(Autumn|BytheWater|ColdRipple|ColorfulCups|DarkestHour|EveningGlow|FallenLeaf|Grey|Kite|OneStandsOut|Path|summer_1am)\//;

// Previews, pictures that are all white on white, variants of another wallpaper, and what the corpus has already.
const LEFT_OUT =
  /screenshot|lxqt\/themes|vnc-|plasma-logo|simple_blue|Arc-Colors|abstract\/(Flow|Gulp|Silk|Spring|Waves)\.png|MATE-Stripes-Light|Picture_0B|Picture_1A|Wine_by|aitzgorri_by|friends_by|life_by|picosdeeuropa|seeding_by|sunset_by/;

// Variants of one picture: with and without a logo, light and dark, wide and tall. The largest file of a family is used.
const FAMILIES =
  /(adwaita|grid|licorice|pixels|symbolic|truchet|wood)-[dl]|origami|triangles|waves|Elephants|Ubuntu-Mate|wallpapers\/[^/]+\/contents/;

/**
 * @param {{ cache: string, corpus: string }} folders
 * @returns {{ file: string, source: string, photograph: boolean, heldOut: boolean }[]}
 */
export function findSources({ cache, corpus }) {
  const found = [
    ...readdirSync(path.join(corpus, 'photos')).map((name) => ({
      file: path.join(corpus, 'photos', name),
      source: name,
      photograph: true,
    })),
    ...PACKAGES.flatMap((name) => wallpapersOf(name, cache)),
  ];
  return splitBySource(found);
}

function wallpapersOf(name, cache) {
  const folder = path.join(cache, 'packages', name);
  if (!existsSync(folder)) unpack(name, folder);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(jpg|png|webp)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !LEFT_OUT.test(file));
  const largest = new Map();
  for (const file of files.sort()) {
    const source = FAMILIES.exec(file)?.[0].replace(/-[dl]$/, '') ?? path.relative(folder, file);
    const known = largest.get(source);
    if (!known || statSync(file).size > statSync(known).size) largest.set(source, file);
  }
  return [...largest].map(([source, file]) => ({ file, source, photograph: PHOTOGRAPHS.test(file) }));
}

function unpack(name, folder) {
  mkdirSync(folder, { recursive: true });
  execFileSync('apt-get', ['download', '-q', name], { cwd: folder, stdio: 'inherit' });
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
  execFileSync('dpkg', ['-x', archive, '.'], { cwd: folder });
}

// Every second one is held out, photographs and graphics each by themselves.
function splitBySource(pictures) {
  return [true, false].flatMap((photograph) =>
    pictures
      .filter((picture) => picture.photograph === photograph)
      .map((picture, index) => ({ ...picture, heldOut: index % 2 === 1 })),
  );
}
