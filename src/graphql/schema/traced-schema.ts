import type { Tracer } from '@opentelemetry/api';
import { type GraphQLSchema, isObjectType } from 'graphql';
import { inSpan } from '../../request/spans.js';
import { doesCallService } from './calls-service.js';
import { createSchema } from './schema.js';

/** The whole graph, with each resolver that calls a service in a span of its own. */
export function createTracedSchema(tracer: Tracer): GraphQLSchema {
  const schema = createSchema();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve || !doesCallService(field)) continue;
      const name = `${type.name}.${field.name}`;
      field.resolve = (...args) => inSpan(tracer, { name }, () => resolve(...args));
    }
  }
  return schema;
}
