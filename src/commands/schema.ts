import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../schema/schema.js';

/** Prints the graph's SDL, or writes it to a file. */
export function printGraph(file: string | undefined): void {
  const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;
  if (file === undefined) process.stdout.write(sdl);
  else writeFileSync(file, sdl);
}
