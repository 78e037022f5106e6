import { availableParallelism, cpus, loadavg } from 'node:os';
import { print } from './report.js';

/** What the figures that follow were measured on. */
export function printMachine() {
  const load = loadavg()[0]?.toFixed(1);
  print(
    `Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model}, load ${load} at the start`,
  );
}
