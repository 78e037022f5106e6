import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import type { Timestamp } from '../../services/timestamp.js';
import type { GraphContext } from './context.js';
import { encodeGlobalId, type NodeType } from './global-id.js';
import type { StagedUpload } from './upload.js';

export interface SchemaTypes {
  Context: GraphContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Connection: {
    /** How many items the whole list has; null where the service cannot say. */
    countAll(): Promise<number | null>;
  };
  Scalars: {
    ID: { Input: string; Output: string };
    ContentHash: { Input: string; Output: string };
    PerceptualHash: { Input: string; Output: string };
    DateTime: { Input: Timestamp; Output: Timestamp };
    Upload: { Input: Promise<StagedUpload>; Output: never };
  };
}

/** Knows no type: every type is defined in a file of its own, which adds its queries and mutations too. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    encodeGlobalID: (type, key) => encodeGlobalId(type as NodeType, String(key)),
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: {
      description:
        'Relay global object identification. Ids are opaque and stable, over restarts and between embedded and remote services.',
    },
    pageInfoTypeOptions: { description: 'Where a page is in its list.' },
    edgesFieldOptions: {
      description: 'The items, each with its cursor.',
      nullable: { list: false, items: false },
    },
    nodesOnConnection: { description: 'The items.' },
    nodeFieldOptions: { description: 'The item.', nullable: false },
    cursorFieldOptions: { description: 'Its place in the list, for after and before.' },
    pageInfoFieldOptions: { description: 'Whether there is more, and how to ask for it.' },
    hasNextPageFieldOptions: {
      description:
        'There is more behind this page; of one asked for with last, it was asked for with before.',
    },
    hasPreviousPageFieldOptions: {
      description:
        'The page was asked for with after; of one asked for with last, there is more in front of it.',
    },
    startCursorFieldOptions: { description: 'The cursor of the first item; null when there is none.' },
    endCursorFieldOptions: { description: 'The cursor of the last item; null when there is none.' },
    idFieldOptions: { description: 'The global id.' },
  },
  errors: { directResult: true, defaultTypes: [] },
});

builder.queryType({ description: 'Reading: nothing here changes anything.' });
builder.mutationType({ description: 'Changing. Expected failures are members of the result union.' });
