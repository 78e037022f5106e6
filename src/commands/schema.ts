import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../schema/schema.js';
import { readArguments } from './arguments.js';

const HELP = `Usage: lookalike schema [options]

Prints the GraphQL schema.

Options:
  --out FILE       write it to a file
  -h, --help       this text
`;

export function run(argv: readonly string[]): void {
  const { out, help } = readArguments(argv, { out: { type: 'string' } });
  if (help) return void process.stdout.write(HELP);
  const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;
  if (out === undefined) process.stdout.write(sdl);
  else writeFileSync(out, sdl);
}
