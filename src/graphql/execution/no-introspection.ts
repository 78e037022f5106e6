import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** A rule of validation that refuses to show the schema. */
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
