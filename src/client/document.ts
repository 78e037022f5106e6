/**
 * The text of an operation, typed by what it takes and what it gives. Documents that graphql-codegen generates as
 * strings fit it too.
 */
export type TypedDocument<Result, Variables> = string & {
  /** Never there: it carries the types. */
  readonly __apiType?: (variables: Variables) => Result;
};
