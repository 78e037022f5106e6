import type Database from 'libsql';

const BATCH = 500;

/**
 * The rows of a query in batches, in the order of one of their columns, which no two of them share. Between two batches
 * rows may be written.
 *
 * @param sql takes what to begin behind and how many rows; it orders by the column
 * @param first comes before all values of the column
 */
export async function* batches<Row, Column extends keyof Row>(
  database: Database.Database,
  sql: string,
  column: Column,
  first: Row[Column],
): AsyncGenerator<readonly Row[]> {
  const statement = database.prepare(sql);
  let after = first;
  for (;;) {
    const rows = statement.all(after, BATCH) as Row[];
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
    after = rows.at(-1)![column];
  }
}
