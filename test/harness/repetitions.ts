/** Whether all is run that takes long, as `.ci/run` does. */
export const isLong = process.env.LONG_TESTS === '1';

/** Why tests that take a minute and more are skipped, which one line says; null where they run. */
export function missingUnlessLong(title: string): string | null {
  if (isLong) return null;
  const missing = 'skipped: it takes long; LONG_TESTS=1';
  process.stderr.write(`${title} (${missing})\n`);
  return missing;
}

/** The title of such tests. */
export function titleOfLong(title: string): string {
  const missing = missingUnlessLong(title);
  return missing ? `${title} (${missing})` : title;
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

let hasTold = false;

/** How many random cases a property is tried with that is slow: a quarter, which one line says, unless all is run. */
export function randomRuns(many: number): number {
  if (isLong) return many;
  if (!hasTold) process.stderr.write('a quarter of the random cases of slow properties (LONG_TESTS=1)\n');
  hasTold = true;
  return Math.ceil(many / 4);
}
