import type { WireEntry } from '#src/services/wire-entry.js';
import { json } from './faulty-server.js';

/** The answer to what is not there. */
export const noEntry = json({ detail: 'Not found' }, 404);

/** The content hash of the row with this index. */
export const hashOf = (index: number) => index.toString(16).padStart(64, '0');

/** A row as imgcache writes it, or as it must not be. */
export const rowOf = (index: number, changes: object = {}): WireEntry => ({
  url: `https://a.example/${index}.jpg`,
  content_hash: hashOf(index),
  content_type: 'image/jpeg',
  file_size_bytes: 36959,
  original_filename: `${index}.jpg`,
  width: 800,
  height: 450,
  perceptual_hash: '2f0f0f0707474298',
  client_name: 'wire',
  lookup_time: '2024-01-01T00:00:00',
  created_at: '2026-11-20T23:40:38.150351',
  ...changes,
});
