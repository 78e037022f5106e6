import { childOf, childrenOf, parseXml, textOf } from './xml.js';

export interface ListedObject {
  key: string;
  /** In bytes. */
  size: number;
  modifiedAt: Date;
}

export interface ObjectPage {
  objects: ListedObject[];
  /** Leads to the next page; null on the last one. */
  next: string | null;
}

/**
 * Reads a response of ListObjectsV2.
 * @throws Error when it is none
 */
export function parseObjectPage(text: string): ObjectPage {
  const root = parseXml(text);
  if (root.name !== 'ListBucketResult') throw new Error('It is no list of objects.');
  const objects = childrenOf(root, 'Contents').map((contents) => ({
    key: childOf(contents, 'Key').text,
    size: readSize(childOf(contents, 'Size').text),
    modifiedAt: readTime(childOf(contents, 'LastModified').text),
  }));
  const isTruncated = childOf(root, 'IsTruncated').text === 'true';
  const next = textOf(root, 'NextContinuationToken');
  // A list that ends too early would have a check believe that objects are lost.
  if (isTruncated && !next) throw new Error('It has a next page, and does not say which.');
  return { objects, next: isTruncated ? next : null };
}

function readSize(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error('It has a size that is no number.');
  return Number(text);
}

function readTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error('It has a time that is none.');
  return time;
}
