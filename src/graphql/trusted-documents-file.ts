import { createHash } from 'node:crypto';
import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  Source,
  validate,
  visit,
} from 'graphql';
import { parseWithinLimits } from './execution/document-limits.js';
import { schema } from './schema/schema.js';

/** A file of operations and fragments. */
export interface DocumentFile {
  path: string;
  text: string;
}

export interface CollectedDocuments {
  /** Each operation, with the fragments that it needs, under the SHA-256 of its text in hex digits. */
  documents: ReadonlyMap<string, string>;
  /** A line for each problem, with its place; the documents are of use only when there is none. */
  problems: readonly string[];
}

type Definition = OperationDefinitionNode | FragmentDefinitionNode;

/**
 * Collects trusted documents from files, of which any may use the fragments of others, and checks each against the schema and
 * the limits of documents. Types that are defined in the files are left out.
 */
export function collectDocuments(files: readonly DocumentFile[]): CollectedDocuments {
  const problems: string[] = [];
  const definitions = files.flatMap((file) => readDefinitions(file, problems));
  for (const [kind, what] of [
    [Kind.OPERATION_DEFINITION, 'operation'],
    [Kind.FRAGMENT_DEFINITION, 'fragment'],
  ] as const)
    problems.push(...repeatedNames(definitions, kind, what));
  const documents = new Map<string, string>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const text = textOf(definition, definitions);
    const found = problemsOf(definition, definitions, text);
    problems.push(...found);
    documents.set(createHash('sha256').update(text).digest('hex'), text);
  }
  return { documents, problems };
}

function readDefinitions({ path, text }: DocumentFile, problems: string[]): Definition[] {
  try {
    return parse(new Source(text, path)).definitions.filter(isExecutable);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    problems.push(describe(error));
    return [];
  }
}

function isExecutable(definition: DefinitionNode): definition is Definition {
  return definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION;
}

function repeatedNames(definitions: readonly Definition[], kind: Kind, what: string): string[] {
  const seen = new Set<string>();
  return definitions
    .filter((definition) => definition.kind === kind)
    .flatMap((definition) => {
      const name = definition.name?.value;
      if (name === undefined) return [`${placeOf(definition)}: An ${what} needs a name.`];
      if (!seen.has(name)) {
        seen.add(name);
        return [];
      }
      return [`${placeOf(definition)}: There is another ${what} ${name}.`];
    });
}

/** As clients print it: what stands in the operation's own file in its order, then the fragments of other files. */
function textOf(operation: OperationDefinitionNode, definitions: readonly Definition[]): string {
  return print(documentOf(operation, definitions));
}

function documentOf(operation: OperationDefinitionNode, definitions: readonly Definition[]): DocumentNode {
  const needed = new Set<Definition>([operation]);
  for (const definition of needed)
    visit(definition, {
      FragmentSpread({ name }) {
        for (const other of definitions)
          if (other.kind === Kind.FRAGMENT_DEFINITION && other.name.value === name.value) needed.add(other);
      },
    });
  const file = fileOf(operation);
  const own = definitions.filter((definition) => needed.has(definition) && fileOf(definition) === file);
  const others = [...needed].filter((definition) => fileOf(definition) !== file);
  return { kind: Kind.DOCUMENT, definitions: [...own, ...others] };
}

function problemsOf(
  operation: OperationDefinitionNode,
  definitions: readonly Definition[],
  text: string,
): string[] {
  const errors = validate(schema, documentOf(operation, definitions));
  if (errors.length > 0) return errors.map(describe);
  try {
    parseWithinLimits(text);
    return [];
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return [`${placeOf(operation)}: ${error.message}`];
  }
}

function fileOf({ loc }: Definition): string | undefined {
  return loc?.source.name;
}

function placeOf({ loc }: Definition): string {
  return loc ? `${loc.source.name}:${loc.startToken.line}:${loc.startToken.column}` : '';
}

function describe({ message, source, locations, nodes }: GraphQLError): string {
  const name = nodes?.[0]?.loc?.source.name ?? source?.name;
  const [{ line, column } = { line: 0, column: 0 }] = locations ?? [];
  return `${name}:${line}:${column}: ${message}`;
}
