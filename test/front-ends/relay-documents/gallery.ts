import { graphql } from 'relay-runtime';

// relay-compiler reads these and writes __generated__; babel-plugin-relay would put one in the place of the other.
export const documents = () => [
  graphql`
    fragment gallery_entries on Query
    @argumentDefinitions(
      orderBy: { type: "EntryOrder!" }
      first: { type: "Int" }
      after: { type: "String" }
      last: { type: "Int" }
      before: { type: "String" }
    )
    @refetchable(queryName: "galleryPageQuery") {
      entries(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before)
        @connection(key: "gallery_entries") {
        totalCount
        edges {
          node {
            id
            contentHash
            fileUrl
            thumbnail(width: W160) {
              url
              width
              height
            }
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  `,
  graphql`
    mutation galleryStoreMutation($input: StoreEntryInput!) {
      storeEntry(input: $input) {
        __typename
        ... on StoreEntrySuccess {
          status
          entry {
            id
            contentHash
            originalFilename
          }
        }
        ... on InvalidInputError {
          issues {
            path
          }
        }
        ... on Error {
          message
        }
      }
    }
  `,
  graphql`
    query gallerySimilarQuery($contentHash: ContentHash!) {
      similar(to: { contentHash: $contentHash }) {
        entries {
          hammingDistance
          entry {
            id
          }
        }
        images {
          rank
          image {
            id
          }
        }
        searches {
          service
          outcome
        }
      }
    }
  `,
];
