/** What somebody who trusts imgcache would make of its rows. */

export function toEntry(row) {
  return {
    contentHash: row.content_hash,
    url: row.url,
    contentType: row.content_type,
    fileSizeBytes: row.file_size_bytes,
    originalFilename: row.original_filename,
    width: row.width,
    height: row.height,
    perceptualHash: row.perceptual_hash,
    clientName: row.client_name,
    lookupTime: row.lookup_time,
    createdAt: row.created_at,
  };
}

/** Nearest first, then the oldest; the entry itself left out. */
export function nearest({ perceptualHash, contentHash: itself }, rows, first) {
  return rows
    .filter((row) => row.content_hash !== itself)
    .map((row) => ({ entry: toEntry(row), hammingDistance: distance(perceptualHash, row.perceptual_hash) }))
    .sort(
      (a, b) =>
        a.hammingDistance - b.hammingDistance ||
        compare(a.entry.createdAt, b.entry.createdAt) ||
        compare(a.entry.contentHash, b.entry.contentHash),
    )
    .slice(0, first);
}

function distance(a, b) {
  let bits = 0;
  for (let i = 0; i < 16; i += 8) {
    let rest = Number.parseInt(a.slice(i, i + 8), 16) ^ Number.parseInt(b.slice(i, i + 8), 16);
    for (; rest !== 0; rest &= rest - 1) bits++;
  }
  return bits;
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
