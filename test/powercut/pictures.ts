import { blake2b } from 'hash-wasm';
import { corpusPicture } from '../embedded/corpus.js';
import { picture } from '../fakes/pictures.js';

export interface Picture {
  bytes: Buffer<ArrayBuffer>;
  contentHash: string;
}

const PHOTOGRAPHS = ['fig', 'coffee', 'chelsea', 'rocket', 'sunset'].map((name) =>
  corpusPicture(`derived/${name}-resize50.jpg`),
);
const SMALL = await Promise.all(Array.from({ length: 20 }, (_, seed) => picture(seed)));
const ORIGINALS = [...PHOTOGRAPHS, ...SMALL];

/** A picture that can be decoded; with another label it has other bytes. */
export async function labelledPicture(nth: number, label: string): Promise<Picture> {
  const bytes = Buffer.concat([ORIGINALS[nth % ORIGINALS.length]!, Buffer.from(label)]);
  return { bytes, contentHash: await blake2b(bytes, 256) };
}
