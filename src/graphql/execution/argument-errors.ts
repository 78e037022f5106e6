import { type ASTNode, BREAK, type DocumentNode, GraphQLError, isValueNode, Kind, visit } from 'graphql';
import { BAD_USER_INPUT } from '../schema/bad-user-input.js';

/** Names the argument in an error of validation: the scalar that refuses a value does not know where it stands. */
export function nameArgument(error: GraphQLError, document: DocumentNode): GraphQLError {
  const node = error.nodes?.[0];
  if (!node || !isValueNode(node)) return error;
  const names = namesAbove(node, document);
  return names.length === 0 ? error : asBadInput(error, `${names.join('.')}: ${error.message}`);
}

/** The argument that a value is given to, and the fields of input objects on the way to it. */
function namesAbove(value: ASTNode, document: DocumentNode): string[] {
  const names: string[] = [];
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      if (node !== value) return undefined;
      // A list is above its items, and holds their neighbours too.
      for (const above of [...ancestors, parent])
        if (above && 'kind' in above && (above.kind === Kind.ARGUMENT || above.kind === Kind.OBJECT_FIELD))
          names.push(above.name.value);
      return BREAK;
    },
  });
  return names;
}

/** Gives an error of what a client sent its code. */
export function asBadInput(error: GraphQLError, message = error.message): GraphQLError {
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { code: BAD_USER_INPUT },
  });
}

/** The same for what is wrong with variables. Clients of application/json get a 200, as GraphQL over HTTP has it. */
export function asBadVariable(error: GraphQLError): GraphQLError {
  const bad = asBadInput(error);
  bad.extensions.http = { spec: true, status: 400 };
  return bad;
}
