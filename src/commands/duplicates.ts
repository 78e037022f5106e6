import { Option } from '@commander-js/extra-typings';
import { storageOf } from '../config/storage.js';
import { type Config, ConfigError } from '../config.js';
import { EntryGroups } from '../embedded/duplicates/entry-groups.js';
import { DESCRIPTOR_VERSION } from '../embedded/picture/descriptor.js';
import { folderDatabase, openDuplicateRows } from '../embedded/store/open-store.js';
import type { Store } from '../embedded/store/store.js';
import { type KeepReason, suggest } from '../graphql/duplicates/suggestion.js';
import { type OpenGroup, PAIR_LIKENESSES, type PairLikeness } from '../services/duplicates.js';
import { type AnyCommand, CONFIG_OPTION, JSON_OPTION } from './command-line.js';
import { drawBar } from './progress-bar.js';
import { withConfig } from './settings.js';
import { withStorageReader } from './storage.js';
import { writeTable } from './table.js';

/** Of groups whose entries are read at once. */
const BATCH = 100;

export function define(command: AnyCommand): void {
  command
    .description(
      'Lists entries that look alike and of which nobody has decided, in groups, and which of each to keep. It changes nothing. A gateway may run meanwhile.',
    )
    .addOption(
      new Option('--likeness <WORD>', 'how sure the pairs are at least')
        .choices(PAIR_LIKENESSES)
        .default('NEARLY_CERTAIN' as const),
    )
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action(({ config: file, likeness, json }) =>
      withConfig({ file }, async (config) => {
        if (config.imgcacheUrl) throw new ConfigError('IMGCACHE_URL is set, so the entries are not here.');
        const groups = await withStorageReader(config, ({ store }) => findGroups(config, store, likeness));
        if (json) process.stdout.write(`${JSON.stringify(groups, null, 2)}\n`);
        else writeGroups(groups);
      }),
    );
}

interface ShownMember {
  contentHash: string;
  url: string;
  contentType: string;
  fileSizeBytes: number;
  width: number | null;
  height: number | null;
  isSuggestedKeep: boolean;
  reasons: readonly KeepReason[];
}

interface ShownGroup extends Pick<OpenGroup, 'likeness' | 'widest'> {
  reclaimableBytes: number;
  members: readonly ShownMember[];
}

async function findGroups(config: Config, store: Store, likeness: PairLikeness): Promise<ShownGroup[]> {
  const storage = storageOf(config);
  const rows = await openDuplicateRows(
    storage.kind === 'FOLDER'
      ? folderDatabase(storage.dataDir)
      : { kind: 'POSTGRES', url: storage.databaseUrl },
    DESCRIPTOR_VERSION,
  );
  try {
    const { signal } = new AbortController();
    const groups = new EntryGroups(rows);
    await groups.compareAll(signal, drawBar, 0);
    const found = await groups.list({ likeness, limit: Number.POSITIVE_INFINITY }, signal);
    const shown: ShownGroup[] = [];
    for (let start = 0; start < found.length; start += BATCH)
      shown.push(...(await readGroups(found.slice(start, start + BATCH), store)));
    return shown;
  } finally {
    await rows.close();
  }
}

async function readGroups(groups: readonly OpenGroup[], { entries }: Store): Promise<ShownGroup[]> {
  const hashes = groups.flatMap(({ contentHashes }) => contentHashes);
  const known = await entries.find(hashes);
  const counts = await entries.countUrls(hashes, Number.MAX_SAFE_INTEGER);
  return groups.map(({ likeness, widest, contentHashes }) => {
    const candidates = contentHashes.flatMap((hash) => {
      const entry = known.get(hash);
      return entry ? [{ entry, urlCount: counts.get(hash) ?? 0 }] : [];
    });
    const members = suggest(candidates).map(({ entry, isSuggestedKeep, reasons }): ShownMember => {
      const { contentHash, url, contentType, fileSizeBytes, width, height } = entry;
      return { contentHash, url, contentType, fileSizeBytes, width, height, isSuggestedKeep, reasons };
    });
    const others = members.filter(({ isSuggestedKeep }) => !isSuggestedKeep);
    const reclaimableBytes = others.reduce((sum, { fileSizeBytes }) => sum + fileSizeBytes, 0);
    return { likeness, widest, reclaimableBytes, members };
  });
}

/** A line for each member. */
function writeGroups(groups: readonly ShownGroup[]): void {
  const rows = groups.flatMap(({ likeness, members }, at) =>
    members.map(({ contentHash, url, fileSizeBytes, width, height, isSuggestedKeep }) => ({
      group: at + 1,
      likeness,
      keep: isSuggestedKeep ? 'keep' : '',
      contentHash,
      size: `${width ?? '?'}x${height ?? '?'}`,
      bytes: fileSizeBytes,
      url,
    })),
  );
  if (rows.length > 0) writeTable(rows);
  const bytes = groups.reduce((sum, { reclaimableBytes }) => sum + reclaimableBytes, 0);
  process.stdout.write(`${groups.length} groups; without the others of each, ${bytes} bytes less.\n`);
}
