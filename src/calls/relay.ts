import { PassThrough, type Readable } from 'node:stream';

/**
 * Hands a stream on under other errors. Destroying either end destroys the other.
 * @param explain turns an error of the source into what the reader is told
 */
export function relay(source: Readable, explain: (error: Error) => Error): Readable {
  const stream = new PassThrough();
  // The source may fail before the reader listens; the reader still meets the error when it does.
  stream.on('error', () => {});
  stream.on('close', () => source.destroy());
  source.on('error', (error) => stream.destroy(explain(error)));
  source.pipe(stream);
  return stream;
}
