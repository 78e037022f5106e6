import { Option } from '@commander-js/extra-typings';
import { createKey, type HashedKey } from '../access/api-keys.js';
import { SCOPES } from '../access/identity.js';
import { bucketProblem } from '../services/bucket.js';
import { type AnyCommand, JSON_OPTION, UsageError } from './command-line.js';

export function define(command: AnyCommand): void {
  command.description('Makes API keys.');
  command
    .command('create')
    .summary('make a key')
    .description('Makes an API key and shows it this once. The config file keeps only its hash.')
    .addOption(
      new Option('--scope <SCOPE>', 'what it is good for; each includes those before it')
        .choices(SCOPES)
        .makeOptionMandatory(),
    )
    .option('--collections <A,B>', 'the only collections that it sees (default: all)', readCollections)
    .option('--buckets <A,B>', 'the only buckets of imgcache that it sees (default: all)', readBuckets)
    .option('--name <NAME>', 'a note for the config file')
    .option(JSON_OPTION[0], 'print JSON: { "key": …, "apiKey": … }')
    .action(({ scope, collections, buckets, name, json }) => {
      const { key, entry } = createKey({
        scope,
        ...(name !== undefined && { name }),
        ...(collections && { collections }),
        ...(buckets && { buckets }),
      });
      process.stdout.write(json ? `${JSON.stringify({ key, apiKey: entry })}\n` : describe(key, entry));
    });
}

function readCollections(text: string): string[] {
  const collections = text.split(',').map((id) => id.trim());
  if (collections.includes('')) throw new UsageError('--collections must be ids, as in A,B.');
  return collections;
}

function readBuckets(text: string): string[] {
  const buckets = text.split(',').map((name) => name.trim());
  const problem = buckets.map(bucketProblem).find((each) => each !== null);
  if (problem) throw new UsageError(`--buckets must be names, as in A,B, each of which ${problem}`);
  return buckets;
}

function describe(key: string, entry: HashedKey): string {
  return `The key, shown only now: ${key}

Add this to "apiKeys" in lookalike.config.json:

  ${JSON.stringify(entry)}
`;
}
