import HashWorker from './hash.worker.js?worker';

/** Hashes files beside the page. */
export interface Hasher {
  /** In order of the files; null for those that cannot be read. */
  hash(files: readonly File[]): Promise<(string | null)[]>;
  close(): void;
}

export function openHasher(): Hasher {
  const worker = new HashWorker();
  const waiting: ((hash: string | null) => void)[] = [];
  worker.addEventListener('message', ({ data }: MessageEvent<string | null>) => waiting.shift()?.(data));
  return {
    hash: (files) =>
      Promise.all(
        files.map(
          (file) =>
            new Promise<string | null>((resolve) => {
              waiting.push(resolve);
              worker.postMessage(file);
            }),
        ),
      ),
    close: () => worker.terminate(),
  };
}
