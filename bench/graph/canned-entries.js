/** The rows that the canned imgcache answers with, as it sends them. */
import { createHash } from 'node:crypto';
import { hexOf } from '../harness/synthetic-hashes.js';

const START = Date.UTC(2026, 0, 1);
const PAGE_SIZE = 50;
const FEW = 20;
const LOOK_ALIKES = 50;
/** So many that no two clients ask for the same page at the same time: the gateway would share the answer. */
const PAGES = 64;

/**
 * Newest first, far from each other. The URLs of a page have its word in them, and those of its first 20 another one.
 *
 * @typedef {object} Page
 * @property {string} word
 * @property {string} fewWord
 * @property {readonly object[]} rows 50
 * @property {readonly object[]} few the first 20 of them
 */

/** @type {readonly Page[]} */
export const pages = Array.from({ length: PAGES }, (_, number) => {
  const word = `page-${number}-`;
  const fewWord = `${word}few-`;
  const rows = Array.from({ length: PAGE_SIZE }, (_, i) => {
    const name = `${i < FEW ? fewWord : word}${i}`;
    return rowOf(name, hashOf(name), i);
  });
  return { word, fewWord, rows, few: rows.slice(0, FEW) };
});

function rowOf(name, hash, number) {
  const contentHash = sha256(name);
  // With microseconds and without a zone, as imgcache gives its times.
  const time = new Date(START - number * 1000 + 123).toISOString().replace('Z', '456');
  return {
    url: `https://example.org/bench/${name}.jpg`,
    content_hash: contentHash,
    content_type: 'image/jpeg',
    file_size_bytes: 190_000 + number,
    original_filename: `${name}.jpg`,
    width: 1600,
    height: 900,
    perceptual_hash: hexOf(hash),
    client_name: 'bench',
    lookup_time: time,
    created_at: time,
  };
}

/** The row itself, and others whose hash differs in 1 to 4 bits. */
export function lookAlikesOf(row) {
  const hash = BigInt(`0x${row.perceptual_hash}`);
  return Array.from({ length: LOOK_ALIKES }, (_, i) => {
    if (i === 0) return row;
    const bits = BigInt.asUintN(64, (1n << BigInt(1 + (i % 4))) - 1n) << BigInt(i);
    return rowOf(`${row.content_hash.slice(0, 16)}-${i}`, hash ^ bits, 100 + i);
  });
}

function hashOf(name) {
  return BigInt(`0x${sha256(`hash of ${name}`).slice(0, 16)}`);
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
