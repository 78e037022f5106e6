// The pictures of the quality bench, each with its class, its source and the family of its near-variants.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { codes } from './codes.js';
import { seedOf } from './random.js';

/**
 * @typedef {object} Source
 * @property {string} id
 * @property {'photograph' | 'wallpaper' | 'product' | 'drawn' | 'text' | 'code'} class
 * @property {string} family pictures of one family are variants of each other: a flag among flags, one window's menus
 * @property {boolean} heldOut from all that is fitted
 * @property {boolean} asks whether edited copies of it are looked for; all can be found
 * @property {() => Promise<Buffer>} bytes
 */

const WALLPAPERS = [
  'gnome-backgrounds',
  'lomiri-wallpapers-16.04',
  'lomiri-wallpapers-20.04',
  'lxqt-themes',
  'mate-backgrounds',
  'plasma-workspace-wallpapers',
  'ukui-wallpapers',
];

// Wallpapers that were taken with a camera; every other one was drawn.
const PHOTOGRAPHS =
  /Bridge_by|Dragonfly_by|free_by|greentock_by|Kleiber_by|Butterfly-Kenneth|Valendas\.png|after-the-rain|appleflower|beam\.png|butterfly\.png|cloud\.png|drop\.png|flowers\.png|fog\.jpg|this-is-not-windows|mate\/nature\/|\/(Autumn|BytheWater|ColdRipple|ColorfulCups|DarkestHour|EveningGlow|FallenLeaf|Grey|Kite|OneStandsOut|Path|summer_1am)\//;

// Previews, pictures that are all white on white, variants of another wallpaper, and what the corpus has already.
const LEFT_OUT =
  /screenshot|lxqt\/themes|vnc-|plasma-logo|simple_blue|Arc-Colors|abstract\/(Flow|Gulp|Silk|Spring|Waves)\.png|MATE-Stripes-Light|Picture_0B|Picture_1A|Wine_by|aitzgorri_by|friends_by|life_by|picosdeeuropa|seeding_by|sunset_by/;

// Variants of one picture: with and without a logo, light and dark, wide and tall. The largest file of a family is used.
const VARIANTS =
  /(adwaita|grid|licorice|pixels|symbolic|truchet|wood)-[dl]|origami|triangles|waves|Elephants|Ubuntu-Mate|wallpapers\/[^/]+\/contents/;

/**
 * Pictures of other packages: which files, how many of them ask, and how many there are at most. Left out are also pictures
 * that are all white on white, and a hat that is a stamp as well.
 */
const COLLECTIONS = [
  {
    class: 'product',
    name: 'tuxpaint-stamps-default',
    folder: 'usr/share/tuxpaint/stamps',
    leftOut: /cartoon|symbols|_mirror|_flip|lightningbolt/,
    asking: 60,
    most: 430,
  },
  {
    class: 'drawn',
    name: 'openclipart-png',
    folder: 'usr/share/openclipart/png',
    leftOut: /shapes\/|computer\/icons|special\/|\/led\/|aiga|light_bulb_karl_bartel|red_fedora/,
    asking: 60,
    most: 600,
  },
  {
    class: 'text',
    name: 'gimp-help-en',
    folder: 'usr/share/gimp/2.0/help/en/images',
    leftOut: /images\/(filters|using|tutorials|math|glossary|contribute)\/|images\/[^/]*$|\.jpg$/,
    asking: 60,
    most: 400,
  },
];

/** Smaller pictures are icons. */
const LEAST_SIDE = 120;

/**
 * @param {{ cache: string, corpus: string }} folders
 * @returns {Source[]}
 */
export function findSources({ cache, corpus }) {
  const photos = readdirSync(path.join(corpus, 'photos')).map((name) => ({
    file: path.join(corpus, 'photos', name),
    id: name,
    class: 'photograph',
  }));
  const wallpapers = WALLPAPERS.flatMap((name) => wallpapersOf(name, cache));
  return [
    ...splitInTurn([...photos, ...wallpapers]),
    ...COLLECTIONS.flatMap((collection) => membersOf(collection, cache)),
    ...codes().map(({ kind, source, make }, at) => ({
      id: source,
      class: 'code',
      family: kind,
      heldOut: at % 2 === 1,
      asks: true,
      bytes: make,
    })),
  ];
}

function wallpapersOf(name, cache) {
  const folder = unpacked(name, cache);
  const files = filesIn(folder, /\.(jpg|png|webp)$/).filter((file) => !LEFT_OUT.test(file));
  const largest = new Map();
  for (const file of files) {
    const source = VARIANTS.exec(file)?.[0].replace(/-[dl]$/, '') ?? path.relative(folder, file);
    const known = largest.get(source);
    if (!known || statSync(file).size > statSync(known).size) largest.set(source, file);
  }
  return [...largest].map(([id, file]) => ({
    file,
    id,
    class: PHOTOGRAPHS.test(file) ? 'photograph' : 'wallpaper',
  }));
}

/** Every second one is held out, photographs and drawn ones each by themselves. */
function splitInTurn(wallpapers) {
  return ['photograph', 'wallpaper'].flatMap((kind) =>
    wallpapers
      .filter((each) => each.class === kind)
      .map(({ file, id }, at) => ({
        id,
        class: kind,
        family: id,
        heldOut: at % 2 === 1,
        asks: kind === 'photograph',
        bytes: async () => readFileSync(file),
      })),
  );
}

/** A family is held out as a whole. */
function membersOf({ class: kind, name, folder, leftOut, asking, most }, cache) {
  const root = path.join(unpacked(name, cache), folder);
  const members = filesIn(root, /\.(png|jpg)$/)
    .filter((file) => !leftOut.test(file) && shorterSide(file) >= LEAST_SIDE)
    .map((file) => ({ file, id: path.relative(root, file) }))
    .sort((a, b) => seedOf(a.id) - seedOf(b.id))
    .slice(0, most);
  return members.map(({ file, id }, at) => ({
    id,
    class: kind,
    family: familyOf(id),
    heldOut: seedOf(familyOf(id)) % 2 === 1,
    asks: at < asking,
    bytes: async () => readFileSync(file),
  }));
}

/** Flags, cards, and windows and signs of one set, differ in one part only, and desserts of one set share their scoops. */
function familyOf(id) {
  const { dir, name } = path.parse(id);
  if (
    /flags|cards|desserts|toolbox|menus|dialogs|preferences|tool-options|roadsigns|hanukkah|body_parts/.test(
      dir,
    )
  )
    return dir.split('/').slice(0, 2).join('/');
  return `${dir}/${/^[a-z]+|^./i.exec(name)[0].toLowerCase()}`;
}

function unpacked(name, cache) {
  const folder = path.join(cache, 'packages', name);
  if (existsSync(path.join(folder, 'usr'))) return folder;
  mkdirSync(folder, { recursive: true });
  const archives = () => readdirSync(folder).filter((file) => file.endsWith('.deb'));
  if (archives().length === 0)
    execFileSync('apt-get', ['download', '-q', name], { cwd: folder, stdio: 'inherit' });
  execFileSync('dpkg', ['-x', archives()[0], '.'], { cwd: folder });
  return folder;
}

function filesIn(folder, pattern) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Of a PNG by its header; others count as large. */
function shorterSide(file) {
  const head = readFileSync(file).subarray(0, 24);
  if (head.length < 24 || head.readUInt32BE(0) !== 0x89504e47) return LEAST_SIDE;
  return Math.min(head.readUInt32BE(16), head.readUInt32BE(20));
}
