import { type ASTNode, type DocumentNode, GraphQLError, isValueNode, Kind, visit } from 'graphql';
import { BAD_USER_INPUT } from '../schema/bad-user-input.js';

/** Names the argument in an error of validation: the scalar that refuses a value does not know where it stands. */
export function nameArgument(error: GraphQLError, document: DocumentNode): GraphQLError {
  const node = error.nodes?.[0];
  if (!node || !isValueNode(node)) return error;
  const names = namesAbove(node, document);
  const place = `${names.join('.')}: `;
  if (names.length === 0) return error;
  return badInput(place + error.message, error);
}

/** The argument that a value is given to, and the fields of input objects on the way to it. */
function namesAbove(value: ASTNode, document: DocumentNode): string[] {
  let names: string[] = [];
  visit(document, {
    enter(node, _key, _parent, _path, ancestors) {
      if (node !== value) return undefined;
      names = [...ancestors]
        .flat()
        .filter((above) => above.kind === Kind.ARGUMENT || above.kind === Kind.OBJECT_FIELD)
        .map((above) => above.name.value);
      return false;
    },
  });
  return names;
}

/** Gives the errors of variables their code. */
export function asBadInput(error: GraphQLError): GraphQLError {
  return error.message.startsWith('Variable "$') ? badInput(error.message, error) : error;
}

function badInput(message: string, { nodes, source, positions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code: BAD_USER_INPUT },
  });
}
