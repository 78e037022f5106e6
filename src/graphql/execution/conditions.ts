import { type DirectiveNode, type DocumentNode, Kind, type SelectionNode, visit } from 'graphql';
import type { Variables } from './variables.js';

/** The names of the variables that stand in `@skip` and `@include`; null when there are no such directives. */
export function conditionVariables(document: DocumentNode): readonly string[] | null {
  let isConditional = false;
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      if (!isCondition(node)) return;
      isConditional = true;
      const value = node.arguments?.[0]?.value;
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return isConditional ? [...names] : null;
}

/**
 * A document without the selections that these variables exclude, and without conditions: what is left is selected
 * always. Compiled code is right for such documents only, since graphql-jit keeps the conditions of a selection on the
 * node itself, which all spreads of its fragment share.
 *
 * @param variables those in conditions are Booleans
 */
export function withoutConditions(document: DocumentNode, variables: Variables): DocumentNode {
  const dropExcluded = (node: SelectionNode) => (isExcluded(node, variables) ? null : undefined);
  return visit(document, {
    Field: dropExcluded,
    FragmentSpread: dropExcluded,
    InlineFragment: dropExcluded,
    Directive: (node) => (isCondition(node) ? null : undefined),
  });
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

/** Whether a condition excludes a selection. A null or absent variable excludes nothing: the run tells of it. */
export function isExcluded({ directives = [] }: SelectionNode, variables: Variables): boolean {
  return directives.some((directive) => {
    const value = directive.arguments?.[0]?.value;
    const condition =
      value?.kind === Kind.VARIABLE
        ? variables[value.name.value]
        : value?.kind === Kind.BOOLEAN && value.value;
    return isCondition(directive) && condition === (directive.name.value === 'skip');
  });
}
