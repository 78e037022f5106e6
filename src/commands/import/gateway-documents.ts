import type { TypedDocument, Uploadable } from '../../client/index.js';
import type { StoreStatus } from '../../services/entry-origin.js';

/** What an import asks a gateway. */

function document<Result, Variables>(text: string): TypedDocument<Result, Variables> {
  return text as TypedDocument<Result, Variables>;
}

export const COLLECTION = document<
  { collection?: { collectionId: string } | null },
  { collectionId: string; asked: boolean }
>(`query ImportCollection($collectionId: String!, $asked: Boolean!) {
  viewer { __typename }
  collection(collectionId: $collectionId) @include(if: $asked) { collectionId }
}`);

/** Absent means the bucket of calls that name none. */
interface OfBucket {
  bucket: string | undefined;
}

interface KnownEntry {
  urls: readonly string[];
  /** Absent where no collection was asked for. */
  collectionImages?: readonly object[];
}

export const KNOWN = document<
  { entriesByContentHash: readonly (KnownEntry | null)[] },
  OfBucket & { contentHashes: readonly string[]; collectionIds: readonly string[]; inCollection: boolean }
>(`query ImportKnown($contentHashes: [ContentHash!]!, $bucket: String, $collectionIds: [String!], $inCollection: Boolean!) {
  entriesByContentHash(contentHashes: $contentHashes, bucket: $bucket) {
    urls
    collectionImages(collectionIds: $collectionIds, first: 1) @include(if: $inCollection) { __typename }
  }
}`);

export const HAS_URLS = document<
  { entriesByUrl: readonly (Pick<KnownEntry, 'collectionImages'> | null)[] },
  OfBucket & { urls: readonly string[]; collectionIds: readonly string[]; inCollection: boolean }
>(`query ImportUrls($urls: [String!]!, $bucket: String, $collectionIds: [String!], $inCollection: Boolean!) {
  entriesByUrl(urls: $urls, bucket: $bucket) {
    __typename
    collectionImages(collectionIds: $collectionIds, first: 1) @include(if: $inCollection) { __typename }
  }
}`);

export interface StoreInput {
  url: string;
  clientName: string;
  filename?: string;
  lookupTime?: string;
  bucket?: string;
  image: { upload: Uploadable };
}

/** A member of a result union: what was done, or why not. */
export interface AddResult {
  __typename: string;
  message?: string;
  retryable?: boolean;
}

export interface StoreResult extends AddResult {
  /** Where the entry is stored. */
  status?: StoreStatus;
  imageError: AddResult;
}

const PROBLEM = '... on Error { message } ... on ServiceError { retryable }';

export const STORE = document<{ stored: StoreResult }, { input: StoreInput }>(
  `mutation ImportStore($input: StoreEntryInput!) {
  stored: storeEntry(input: $input) { __typename ... on StoreEntrySuccess { status } ${PROBLEM} }
}`,
);

export const INGEST = document<{ stored: StoreResult }, { input: StoreInput & { collectionId: string } }>(
  `mutation ImportIngest($input: IngestImageInput!) {
  stored: ingestImage(input: $input) {
    __typename
    ... on IngestImageSuccess { status: entryStatus }
    ... on IngestImagePartial { imageError { __typename ${PROBLEM} } }
    ${PROBLEM}
  }
}`,
);

export const ADD_TO_COLLECTION = document<
  { added: AddResult & { results?: readonly AddResult[] } },
  { input: { collectionId: string; contentHashes: readonly string[]; bucket?: string } }
>(`mutation ImportAdd($input: AddEntriesToCollectionInput!) {
  added: addEntriesToCollection(input: $input) {
    __typename
    ... on AddEntriesToCollectionSuccess { results { __typename ${PROBLEM} } }
    ${PROBLEM}
  }
}`);
