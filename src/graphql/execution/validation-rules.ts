import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** A validation rule that refuses introspection. */
export function NoIntrospectionRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const { value: name } = node.name;
      if (name !== '__schema' && name !== '__type') return;
      context.reportError(
        new GraphQLError(`Introspection is switched off, so there is no ${name}.`, {
          nodes: node,
          extensions: { code: 'INTROSPECTION_DISABLED' },
        }),
      );
    },
  };
}

/** A validation rule that refuses the name __proto__: compiled code loses variables and aliases of this name. */
export function NoProtoRule(context: ValidationContext): ASTVisitor {
  return {
    Name(node) {
      if (node.value === '__proto__')
        context.reportError(new GraphQLError('Nothing can be named __proto__.', { nodes: node }));
    },
  };
}
