import type { Draft } from './draft.js';
import type { World } from './world.js';

/** A valid request, whose answer has no errors. */
interface ValidOperation {
  query: string;
  variables?(world: World): Record<string, unknown>;
  operationName?: string;
  /** Paths of variables that are files. */
  files?: readonly string[];
}

const IMAGE = 'id imageId imageTime collection { name } entry { contentHash }';
const ENTRY =
  'id contentHash url urls contentType fileSizeBytes originalFilename width height perceptualHash clientName lookupTime createdAt fileUrl';
const ERROR = '... on Error { __typename message } ... on ServiceError { code }';
const INPUT_ERROR = `${ERROR} ... on InvalidInputError { issues { path message } }`;

const source = ({ url }: World) => ({
  url,
  clientName: 'hostile',
  lookupTime: '2024-01-01T12:00:00Z',
  filename: 'a.png',
});
const base64 = ({ picture }: World) => ({ base64: picture.toString('base64') });

/** Together they name every argument of the graph. */
const OPERATIONS: readonly ValidOperation[] = [
  {
    query: `query Entries($first: Int! = 20, $after: String, $filter: EntryFilter) { entries(first: $first, after: $after, filter: $filter) { nodes { ${ENTRY} } edges { cursor } pageInfo { hasNextPage endCursor } } }`,
    variables: ({ cursors }) => ({
      first: 2,
      after: cursors[0],
      filter: {
        urlContains: 'example',
        clientName: 'hostile',
        contentType: 'image/png',
        createdFrom: '2020-01-01T00:00:00Z',
        createdBefore: '2100-01-01T00:00:00+02:00',
      },
    }),
  },
  {
    query:
      'query Page($first: Int = 3, $more: Boolean = true) { entries(first: $first) { nodes { id similar(first: $first, maxHammingDistance: 2) { hammingDistance } } } ... @include(if: $more) { services { name mode @skip(if: $more) } } }',
    variables: () => ({ first: 2, more: true }),
  },
  {
    query: `query ByKey($hash: ContentHash!, $hashes: [ContentHash!]!, $url: String!, $urls: [String!]!) { entry(contentHash: $hash) { ${ENTRY} collectionImages(first: 3) { imageId } } entriesByContentHash(contentHashes: $hashes) { id } entryByUrl(url: $url) { id } entriesByUrl(urls: $urls) { id } }`,
    variables: ({ contentHash, url }) => ({
      hash: contentHash,
      hashes: [contentHash],
      url,
      urls: [url, 'x'],
    }),
  },
  {
    query: `query Nodes($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename ...E } nodes(ids: $ids) { id ...E ... on Image { ${IMAGE} similar(first: 2) { rank } } ... on Collection { name } } } fragment E on Entry { url ...F } fragment F on Node { id }`,
    variables: ({ ids }) => ({ id: ids[0], ids }),
  },
  {
    query: `query Collections($id: String!, $imageId: String!, $ids: [String!], $first: Int!) { collection(collectionId: $id) { id name user image(imageId: $imageId) { ${IMAGE} } images(first: $first) { nodes { ${IMAGE} } pageInfo { endCursor } } } image(collectionId: $id, imageId: $imageId) { id } collections(first: $first) { nodes { collectionId images(first: 2) { nodes { imageId } } } } entries(first: 2) { nodes { collectionImages(collectionIds: $ids, first: $first) { imageId } } } }`,
    variables: ({ collectionId, imageId }) => ({ id: collectionId, imageId, ids: [collectionId], first: 5 }),
  },
  {
    query: `query More($after: String, $first: Int! = 1) { collections(first: $first, after: $after) { nodes { collectionId } edges { cursor } pageInfo { endCursor hasPreviousPage } } }`,
    variables: ({ cursors }) => ({ after: cursors[1] }),
  },
  {
    query: `query Similar($to: SimilarToInput!, $in: [String!], $distance: Int! = 4, $first: Int! = 5) { similar(to: $to, collectionIds: $in, maxHammingDistance: $distance, first: $first) { perceptualHash searches { service outcome collectionId } entries { hammingDistance entry { url } } images { rank image { imageId } } matches { score contentHash foundBy } } }`,
    variables: ({ collectionId, imageId }) => ({
      to: { member: { collectionId, imageId } },
      in: [collectionId],
    }),
  },
  {
    query: 'query ($to: SimilarToInput!) { similar(to: $to) { perceptualHash matches { contentHash } } }',
    variables: ({ contentHash }) => ({ to: { contentHash } }),
  },
  {
    query:
      'query ($hash: PerceptualHash!) { similar(to: { perceptualHash: $hash }, collectionIds: []) { entries { hammingDistance } } }',
    variables: ({ perceptualHash }) => ({ hash: perceptualHash }),
  },
  {
    query: 'query ($image: ImageInput!) { similar(to: { image: $image }) { perceptualHash } }',
    variables: (world) => ({ image: base64(world) }),
  },
  {
    query: 'query ($to: SimilarToInput!) { similar(to: $to) { perceptualHash } }',
    variables: () => ({ to: { image: { upload: null } } }),
    files: ['to.image.upload'],
  },
  {
    query: `mutation Store($input: StoreEntryInput!) { storeEntry(input: $input) { ... on StoreEntrySuccess { status entry { id } } ${INPUT_ERROR} } }`,
    variables: (world) => ({ input: { ...source(world), image: base64(world) } }),
  },
  {
    query: `mutation ($file: Upload!, $url: String!, $name: String = "hostile") { storeEntry(input: { url: $url, clientName: $name, image: { upload: $file } }) { ... on StoreEntrySuccess { status } ${INPUT_ERROR} } }`,
    variables: ({ url }) => ({ file: null, url }),
    files: ['file'],
  },
  {
    query: `mutation Two($a: StoreEntryInput!, $b: AddImageInput!) { storeEntry(input: $a) { ${INPUT_ERROR} } addImage(input: $b) { ... on AddImageSuccess { status image { ${IMAGE} } } ... on ImageExistsError { image { id } } ${INPUT_ERROR} } }`,
    variables: (world) => ({
      a: { ...source(world), image: { upload: null } },
      b: { collectionId: world.collectionId, imageId: 'b', updateExisting: true, image: { upload: null } },
    }),
    files: ['a.image.upload', 'b.image.upload'],
  },
  {
    query: `mutation Ingest($input: IngestImageInput!) { ingestImage(input: $input) { ... on IngestImageSuccess { entryStatus imageStatus image { ${IMAGE} } } ... on IngestImagePartial { imageError { message } } ${INPUT_ERROR} } }`,
    variables: (world) => ({
      input: { ...source(world), collectionId: world.collectionId, image: { upload: null } },
    }),
    files: ['input.image.upload'],
  },
  {
    query: `mutation Add($input: AddImageInput!) { addImage(input: $input) { ... on AddImageSuccess { status } ... on ImageExistsError { image { id } } ${INPUT_ERROR} } }`,
    variables: (world) => ({
      input: { collectionId: world.collectionId, imageId: 'c', updateExisting: true, image: base64(world) },
    }),
  },
  {
    query: `mutation Delete($entry: DeleteEntryInput!, $image: DeleteImageInput!) { deleteEntry(input: $entry) { ... on DeleteEntrySuccess { deletedId contentHash } ${ERROR} } deleteImage(input: $image) { ... on DeleteImageSuccess { deletedId imageId imageTime } ${INPUT_ERROR} } }`,
    variables: ({ contentHash, collectionId }) => ({
      entry: { contentHash },
      image: { collectionId, imageId: 'c' },
    }),
  },
  {
    query: `mutation Decide($decide: DecideDuplicatesInput!, $undo: UndoDuplicateDecisionInput!) { decideDuplicates(input: $decide) { ... on DecideDuplicatesSuccess { deletedHashes } ${INPUT_ERROR} } undoDuplicateDecision(input: $undo) { ... on UndoDuplicateDecisionSuccess { missingHashes } ${INPUT_ERROR} } }`,
    variables: ({ contentHash }) => ({
      decide: {
        groupId: Buffer.from(`DuplicateGroup:LIKELY:${contentHash}`).toString('base64url'),
        verdict: 'KEEP_SELECTED',
        keep: [contentHash],
        members: [contentHash, 'f'.repeat(64)],
        deleteOthers: true,
      },
      undo: { decisionId: contentHash },
    }),
  },
  {
    query:
      'query Groups($state: DuplicateState!, $likeness: Likeness!, $first: Int, $after: String) { duplicateGroups(state: $state, likeness: $likeness, first: $first, after: $after) { totalCount nodes { id widest reclaimableBytes members { reasons entry { url } } decision { keptHashes } } } }',
    variables: () => ({ state: 'OPEN', likeness: 'LIKELY', first: 3, after: null }),
  },
  {
    query: `mutation Many($entries: DeleteEntriesInput!, $images: DeleteImagesInput!, $add: AddEntriesToCollectionInput!) { addEntriesToCollection(input: $add) { ... on AddEntriesToCollectionSuccess { results { ... on AddImageSuccess { status image { ${IMAGE} } } ${INPUT_ERROR} } } ${INPUT_ERROR} } deleteImages(input: $images) { ... on DeleteImagesSuccess { results { ... on DeleteImageSuccess { deletedId } ${INPUT_ERROR} } } ${INPUT_ERROR} } deleteEntries(input: $entries) { ... on DeleteEntriesSuccess { results { ... on DeleteEntrySuccess { deletedId } ${ERROR} } } ${INPUT_ERROR} } }`,
    variables: ({ contentHash, collectionId }) => ({
      entries: { contentHashes: [contentHash, 'f'.repeat(64)] },
      images: { images: [{ collectionId, imageId: 'c' }] },
      add: { collectionId, contentHashes: [contentHash] },
    }),
  },
  {
    query: `mutation Change($to: RenameCollectionInput!, $gone: DeleteCollectionInput!, $keys: RotateCollectionKeysInput!) { renameCollection(input: $to) { ... on RenameCollectionSuccess { collection { name user } } ${INPUT_ERROR} } deleteCollection(input: $gone) { ... on DeleteCollectionSuccess { deletedId } ${INPUT_ERROR} } rotateCollectionKeys(input: $keys) { ... on RotateCollectionKeysSuccess { publicKey } ${INPUT_ERROR} } } `,
    // Of none that is there: the other requests need theirs.
    variables: () => ({
      to: { collectionId: 'ffffffff0', name: 'renamed', user: null },
      gone: { collectionId: 'ffffffff0', confirmName: 'renamed' },
      keys: { collectionId: 'ffffffff0' },
    }),
  },
  {
    query: `mutation Create($input: CreateCollectionInput!) { createCollection(input: $input) { ... on CreateCollectionSuccess { publicKey collection { name user } } ${INPUT_ERROR} } }`,
    variables: () => ({ input: { name: 'another', user: 'me@pictures.example' } }),
  },
  {
    query:
      'query A($first: Int!) { entries(first: $first) { nodes { ...N } } __typename } query B { services { latencyMs ...S } } fragment N on Entry { id } fragment S on Service { status message }',
    operationName: 'B',
  },
  {
    query:
      'query Introspect($name: String!) { __schema { types { name } directives { name args { name defaultValue } } } __type(name: $name) { fields(includeDeprecated: true) { name args { name type { ofType { name } } } } } }',
    variables: () => ({ name: 'Entry' }),
  },
];

/** All valid requests, each made anew. */
export function validDrafts(world: World): Draft[] {
  return OPERATIONS.map(({ query, variables, operationName, files = [] }) => ({
    world,
    params: {
      query,
      ...(variables && { variables: structuredClone(variables(world)) }),
      ...(operationName !== undefined && { operationName }),
    },
    files: files.map((path) => ({ path, bytes: world.picture })),
  }));
}
