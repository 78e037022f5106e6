import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** A rule of validation that refuses the one name under which compiled code loses values, of variables and aliases. */
export function NoProtoRule(context: ValidationContext): ASTVisitor {
  return {
    Name(node) {
      if (node.value === '__proto__')
        context.reportError(new GraphQLError('Nothing can be named __proto__.', { nodes: node }));
    },
  };
}
