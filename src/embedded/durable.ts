import { closeSync, fdatasync, fsync, openSync } from 'node:fs';

/** Makes the bytes of an open file durable. */
export function syncBytes(fd: number): Promise<void> {
  return new Promise((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve())));
}

/** Makes the names in a folder durable: a rename is once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  // The system has a folder in memory that something was just written in: opening it needs no other thread.
  const fd = openSync(path, 'r');
  try {
    await new Promise<void>((resolve, reject) => fsync(fd, (error) => (error ? reject(error) : resolve())));
  } finally {
    closeSync(fd);
  }
}
