/** What a wall of pictures asks for, in the words of each front end. */
export const PAGE = `
  query Page($orderBy: EntryOrder!, $first: Int, $after: String, $last: Int, $before: String) {
    entries(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      edges { cursor node { id contentHash fileUrl thumbnail(width: W160) { url width height } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

export const STORE = `
  mutation Store($input: StoreEntryInput!) {
    storeEntry(input: $input) {
      __typename
      ... on StoreEntrySuccess { status entry { id contentHash url originalFilename } }
      ... on InvalidInputError { issues { path } }
      ... on Error { message }
    }
  }
`;

export const INGEST = `
  mutation Ingest($input: IngestImageInput!) {
    ingestImage(input: $input) {
      __typename
      ... on IngestImagePartial {
        entry { id contentHash }
        imageError { __typename message ... on ServiceError { service code } }
      }
      ... on Error { message }
    }
  }
`;

/** Of both services, one of which is dead. */
export const LOOK_ALIKES = `
  query LookAlikes($contentHash: ContentHash!) {
    similar(to: { contentHash: $contentHash }) {
      entries { hammingDistance likeness entry { id contentHash } }
      images { rank image { id imageId } }
      searches { service outcome collectionId }
    }
  }
`;

export const SERVICES = 'query Services { services { name status } }';
export const VIEWER = 'query WhoAmI { viewer { scope } }';
