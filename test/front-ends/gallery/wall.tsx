import { gql } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import type { Page } from '../expected.js';

const WALL = gql`
  query Wall($first: Int!, $after: String) {
    entries(first: $first, after: $after) {
      edges { cursor node { id fileUrl thumbnail(width: W160) { url width height } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

/** The newest pictures, two at a time. */
export function Wall() {
  const { data, error, fetchMore } = useQuery<Page>(WALL, { variables: { first: 2 } });
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <p>Loading</p>;
  const { edges, pageInfo } = data.entries;
  return (
    <main>
      {edges.map(
        ({ node: { id, fileUrl, thumbnail } }) =>
          thumbnail && (
            <a key={id} href={fileUrl}>
              <img {...thumbnail} src={thumbnail.url} alt="" />
            </a>
          ),
      )}
      {pageInfo.hasNextPage && (
        <button type="button" onClick={() => void fetchMore({ variables: { after: pageInfo.endCursor } })}>
          More
        </button>
      )}
    </main>
  );
}
