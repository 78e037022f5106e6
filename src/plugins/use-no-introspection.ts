import { type ASTVisitor, GraphQLError, type ValidationContext, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Refuses to show the schema, also in the suggestions of validation errors. */
export function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(NoIntrospectionRule);
      setValidationFn((schema, document, rules) =>
        validate(schema, document, rules, { hideSuggestions: true }),
      );
    },
  };
}

function NoIntrospectionRule(context: ValidationContext): ASTVisitor {
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
