import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../graphql/schema/schema.js';
import { COMMON_OPTIONS, parseCommandLine, refuseMore } from './command-line.js';

const HELP = `Usage: lookalike schema [--out FILE]

Prints the GraphQL schema, or writes it to a file.
`;

export async function run(argv: readonly string[]): Promise<void> {
  const options = { ...COMMON_OPTIONS, out: { type: 'string' } } as const;
  const { values, positionals } = parseCommandLine({ args: [...argv], allowPositionals: true, options });
  if (values.help) return void process.stdout.write(HELP);
  refuseMore(positionals);
  const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;
  if (values.out === undefined) process.stdout.write(sdl);
  else writeFileSync(values.out, sdl);
}
