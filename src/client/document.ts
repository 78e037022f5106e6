/**
 * The text of an operation, with the types of its variables and of its result. Documents that graphql-codegen generates as
 * strings fit it too.
 */
export type TypedDocument<Result, Variables> = string & {
  /** Never set: it carries the types. */
  readonly __apiType?: (variables: Variables) => Result;
};
