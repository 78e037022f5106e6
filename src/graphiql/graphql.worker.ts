import { type DocumentNode, Kind, parse } from 'graphql';
import type { worker } from 'monaco-editor';
import { initialize } from 'monaco-editor/esm/vs/editor/editor.worker.js';
import { GraphQLWorker } from 'monaco-graphql/esm/GraphQLWorker.js';
import { type JsonSchema, relax } from './variables-schema.js';

type Context = worker.IWorkerContext<undefined>;
type Data = ConstructorParameters<typeof GraphQLWorker>[1];

/** The language service of GraphQL, with a schema of the variables that marks only what the gateway refuses. */
class VariablesWorker extends GraphQLWorker {
  readonly #context: Context;

  constructor(context: Context, data: Data) {
    super(context, data);
    this.#context = context;
  }

  override async doGetVariablesJSONSchema(uri: string) {
    const schema = (await super.doGetVariablesJSONSchema(uri)) as JsonSchema | null;
    const model = this.#context.getMirrorModels().find((other) => other.uri.toString() === uri);
    return schema && relax(schema, defaultedVariables(model?.getValue() ?? ''));
  }
}

/** The variables with a default in the document, which need not be given. */
function defaultedVariables(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const definition of parsed(text)?.definitions ?? [])
    if (definition.kind === Kind.OPERATION_DEFINITION)
      for (const { variable, defaultValue } of definition.variableDefinitions ?? [])
        if (defaultValue) names.add(variable.name.value);
  return names;
}

/** Null while it is being typed. */
function parsed(text: string): DocumentNode | null {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

globalThis.onmessage = () => {
  initialize<Data>((context, data) => new VariablesWorker(context, data));
};
