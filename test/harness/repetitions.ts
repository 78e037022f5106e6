/** Whether all is run that takes long, as `.ci/run` does. */
export const isLong = process.env.LONG_TESTS === '1';

/** The title of a test that takes a minute by itself; where it is skipped, one line says so. */
export function titleOfLong(title: string): string {
  if (isLong) return title;
  const skipped = `${title} (skipped: it takes long; LONG_TESTS=1)`;
  process.stderr.write(`${skipped}\n`);
  return skipped;
}

/** What a long test repeats. */
export interface Repetitions {
  /** Sets their number. */
  variable: string;
  /** In the line that tells of them, such as `rounds of kill -9`. */
  what: string;
  /** In `npm test`. */
  few: number;
  /** Where LONG_TESTS=1, as in `.ci/run`. */
  many: number;
}

/** How often a long test repeats what it does; where that is seldom, one line says so. */
export function repetitions({ variable, what, few, many }: Repetitions): number {
  const wanted = process.env[variable];
  if (wanted !== undefined) return Number(wanted);
  if (isLong) return many;
  process.stderr.write(`${few} ${what} instead of ${many} (LONG_TESTS=1, or ${variable})\n`);
  return few;
}
