// The rules of graphql-eslint for schemas: its own recommendations and Relay's. Biome checks all else.
import graphql from '@graphql-eslint/eslint-plugin';

const { configs, parser } = graphql;
const SCHEMA = 'schema/schema.graphql';

export default [
  {
    files: [SCHEMA],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: { parser, parserOptions: { graphQLConfig: { schema: SCHEMA } } },
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,
      // collectionId, imageId and imageTime are VisualSnoop's own names, and promised.
      '@graphql-eslint/no-typename-prefix': 'off',
      // What has an id can be asked for by it; results, errors, matches and the parts of something else cannot.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            suffixes: [
              'Success',
              'Partial',
              'Error',
              'Issue',
              'Result',
              'Match',
              'Search',
              'Connection',
              'Edge',
            ],
            types: [
              'ClientName',
              'DuplicateMember',
              'PageInfo',
              'PictureBox',
              'Service',
              'SharedPart',
              'Thumbnail',
              'Viewer',
            ],
          },
        },
      ],
      // Groups of duplicates are worked off from the first one on.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // Lists of strings and of short things are not paged, and connections have their nodes beside their edges.
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
];
