import type { Tracer } from '@opentelemetry/api';
import { type GraphQLSchema, isObjectType } from 'graphql';
import { inSpan } from '../../request/spans.js';
import { builder } from './builder.js';
import { doesCallService } from './calls-service.js';
import './schema.js';

/** The whole graph, with each resolver that calls a service in a span of its own. */
export function createTracedSchema(tracer: Tracer): GraphQLSchema {
  const schema = builder.toSchema();
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
