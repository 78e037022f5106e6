/** What Linux knows of a process. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second, whatever the kernel's own clock does. */
const TICK_MS = 10;

/**
 * Processor time of all its threads since it started, in milliseconds.
 *
 * @param {number} pid
 */
export function cpuMs(pid) {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/**
 * Resident memory now, and the most there was since the last resetPeak, in bytes.
 *
 * @param {number} pid
 */
export function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** @param {number} pid */
export function resetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/**
 * Processor time of a process, of the children that it has and of those that it had, in milliseconds.
 *
 * @param {number} pid
 * @returns {number}
 */
export function treeCpuMs(pid) {
  const own = statFields(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
  return childPids(pid).reduce((sum, child) => sum + ifThere(() => treeCpuMs(child), 0), own);
}

/**
 * The children of this process whose programs' names begin so.
 *
 * @param {string} name at most 15 characters
 */
export function ownChildren(name) {
  return childPids(process.pid).filter((pid) =>
    ifThere(() => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith(name), false),
  );
}

/** Not all kernels list the children of a process. */
function childPids(parent) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => ifThere(() => parentOf(pid), null) === parent);
}

function parentOf(pid) {
  return Number(statFields(pid)[1]);
}

/** From the third field on: the name before it may hold spaces. */
function statFields(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A process may end at any time. */
function ifThere(read, otherwise) {
  try {
    return read();
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return otherwise;
    throw error;
  }
}
