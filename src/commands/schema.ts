import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../graphql/schema/schema.js';
import type { AnyCommand } from './command-line.js';

export function define(command: AnyCommand): void {
  command
    .description('Prints the GraphQL schema, or writes it to a file.')
    .option('--out <FILE>', 'the file')
    .action(({ out }) => {
      const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;
      if (out === undefined) process.stdout.write(sdl);
      else writeFileSync(out, sdl);
    });
}
