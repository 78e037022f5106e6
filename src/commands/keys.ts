import { createKey, type HashedKey } from '../access/api-keys.js';
import { SCOPES, type Scope } from '../access/identity.js';
import { COMMON_OPTIONS, parseCommandLine, UsageError } from './command-line.js';

const HELP = `Usage: lookalike keys create --scope read|write|admin [options]

Makes an API key and shows it this once. The config file keeps only its hash.

Options:
  --scope SCOPE         what it is good for; each scope includes those before it
  --collections A,B     the only collections that it sees (default: all)
  --name NAME           a note for the config file
  --json                print JSON: { "key": …, "apiKey": … }
  -h, --help            this text
`;

export function run([action, ...argv]: readonly string[]): void {
  if (action === undefined || action === '-h' || action === '--help') return void process.stdout.write(HELP);
  if (action !== 'create') throw new UsageError(`keys has no action ${action}. Try lookalike keys --help.`);
  const { values } = parseCommandLine({
    args: argv,
    options: {
      ...COMMON_OPTIONS,
      scope: { type: 'string' },
      collections: { type: 'string' },
      name: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const { scope, collections, name, json } = values;
  const about = {
    scope: readScope(scope),
    ...(name !== undefined && { name }),
    ...(collections !== undefined && { collections: readCollections(collections) }),
  };
  const { key, entry } = createKey(about);
  process.stdout.write(json ? `${JSON.stringify({ key, apiKey: entry })}\n` : describe(key, entry));
}

function readScope(text: string | undefined): Scope {
  const scope = SCOPES.find((known) => known === text);
  if (!scope) throw new UsageError(`--scope must be one of ${SCOPES.join(', ')}.`);
  return scope;
}

function readCollections(text: string): string[] {
  const collections = text.split(',').map((id) => id.trim());
  if (collections.includes('')) throw new UsageError('--collections must be ids, as in 6b7c9142,0a0a0a0a.');
  return collections;
}

function describe(key: string, entry: HashedKey): string {
  return `The key, shown only now: ${key}

Add this to "apiKeys" in lookalike.config.json:

  ${JSON.stringify(entry)}
`;
}
