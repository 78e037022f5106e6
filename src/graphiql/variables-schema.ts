/** As much of JSON Schema as graphql-language-service writes for variables. */
export interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  definitions?: Record<string, JsonSchema>;
  additionalProperties?: boolean;
  default?: unknown;
  enum?: unknown[];
  $ref?: string;
}

/**
 * Relaxes the JSON Schema of variables, which is stricter than GraphQL: a custom scalar may be any JSON (an Upload is null where the
 * file comes beside it), an ID may be an integer, a single value stands for a list of one, what has a default may be left out, and
 * other variables do no harm.
 * @param defaulted the variables that have a default in the document
 */
export function relax(schema: JsonSchema, defaulted: ReadonlySet<string>): JsonSchema {
  const { properties = {}, required = [], definitions = {}, additionalProperties: _, ...rest } = schema;
  return {
    ...rest,
    properties: relaxAll(properties),
    required: required.filter((name) => !defaulted.has(name)),
    definitions: relaxAll(definitions),
  };
}

function relaxAll(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, relaxType(schema)]));
}

function relaxType(schema: JsonSchema): JsonSchema {
  const { type, ...rest } = schema;
  if (isCustomScalar(type)) return rest;
  if (isString(type)) return { ...rest, type: [type ?? [], 'integer'].flat() };
  if (schema.items) return relaxList(schema, schema.items);
  if (schema.properties) {
    const { properties, required = [] } = schema;
    const isNeeded = (name: string) => properties[name]?.default === undefined;
    return { ...schema, properties: relaxAll(properties), required: required.filter(isNeeded) };
  }
  return schema;
}

function relaxList({ type, items: _, ...rest }: JsonSchema, items: JsonSchema): JsonSchema {
  const item = relaxType(items);
  return { ...rest, anyOf: [item, { ...(type && { type }), items: item }] };
}

/** An ID and a String look the same here. */
function isString(type: JsonSchema['type']): boolean {
  return type === 'string' || (Array.isArray(type) && type.includes('string'));
}

/** The types of a scalar that the language service does not know. */
function isCustomScalar(type: JsonSchema['type']): boolean {
  return Array.isArray(type) && type.includes('boolean') && type.includes('string');
}
