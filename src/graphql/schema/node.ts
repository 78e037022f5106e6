import { checkKeys } from './bad-user-input.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { loadCollectionNode } from './collection.js';
import type { GraphContext } from './context.js';
import { loadGroupNode } from './duplicate-group.js';
import { loadEntryNode } from './entry.js';
import { decodeGlobalId, type NodeType } from './global-id.js';
import { loadImageNode } from './image.js';

/** How each type with a global id is loaded; null for a key that is garbage or gone. */
const loadNode: Record<NodeType, (key: string, context: GraphContext) => Promise<object | null>> = {
  Collection: loadCollectionNode,
  DuplicateGroup: loadGroupNode,
  Entry: loadEntryNode,
  Image: loadImageNode,
};

async function findNode(id: string, context: GraphContext): Promise<object | null> {
  const found = decodeGlobalId(id);
  if (!found || !Object.hasOwn(loadNode, found.type)) return null;
  return loadNode[found.type as NodeType](found.key, context);
}

builder.queryFields((t) => ({
  node: t.field({
    extensions: callsService,
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Whatever has this global id; null for one that is garbage or gone.',
    args: { id: t.arg.id({ required: true, description: 'A global id that this graph gave.' }) },
    resolve: (_root, { id }, context) => findNode(id, context),
  }),
  nodes: t.field({
    extensions: callsService,
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'In order; null for an id that is garbage or gone. At most 100.',
    args: { ids: t.arg.idList({ required: true, description: 'At most 100 global ids.' }) },
    resolve: (_root, { ids }, context) => checkKeys('ids', ids).map((id) => findNode(id, context)),
  }),
}));
