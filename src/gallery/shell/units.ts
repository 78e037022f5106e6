const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Such as `142 kB`. */
export function bytesInWords(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function timeInWords(time: string): string {
  return DATE.format(new Date(time));
}

const NUMBER = new Intl.NumberFormat();

/** Such as `1 picture`, `12,000 pictures`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${NUMBER.format(number)} ${number === 1 ? one : many}`;
}
