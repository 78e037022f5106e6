import { expect } from 'vitest';
import { z } from 'zod';
import { openApi } from '#src/protocols/imgcache/openapi.js';
import type { RawResponse } from '../fakes/raw-request.js';

interface DescribedResponse {
  content?: Record<string, { schema: object }>;
}

interface DescribedOperation {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  responses: Record<string, DescribedResponse>;
}

const document = openApi('/imgcache');

/** Each operation of the document, with a pattern of its paths; those without a parameter come first. */
export const DESCRIBED = Object.entries(document.paths)
  .flatMap(([template, operations]) =>
    Object.entries(operations as Record<string, DescribedOperation>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      template,
      path: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
      ...operation,
    })),
  )
  .sort((a, b) => Number(a.template.includes('{')) - Number(b.template.includes('{')));

/** With what a reference names in its place; there is no schema that holds itself. */
function resolved(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(resolved);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (!('$ref' in schema))
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolved(value)]));
  const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(String(schema.$ref)) ?? [];
  const named = (document.components.schemas as Record<string, object>)[name];
  if (!named) throw new Error(`There is no schema ${schema.$ref}.`);
  return resolved(named);
}

/** Another implementation of JSON Schema says what is valid. */
export function validatorOf(schema: object): z.ZodType {
  return z.fromJSONSchema(resolved(schema) as z.core.JSONSchema.JSONSchema);
}

/** Whether a request is one that the document describes; then its answer has to be one that it describes. */
export function expectDescribed(
  { method, target }: { method: string; target: string },
  { status, headers, body }: RawResponse,
): boolean {
  const pathname = target.replace(/^\/imgcache|\?.*/gs, '');
  const operation = DESCRIBED.find((one) => one.method === method && one.path.test(pathname));
  if (!operation) return false;
  const what = `${operation.operationId}: ${status}`;
  const response = operation.responses[status];
  expect(response, what).toBeDefined();
  const type = (headers['content-type'] ?? '').replace(/;.*/, '');
  const content = response?.content?.[type] ?? response?.content?.['*/*'];
  if (response?.content) expect(content, `${what} ${type}`).toBeDefined();
  const isEmpty = method === 'HEAD' || !response?.content;
  if (isEmpty) expect(body.length, what).toBe(0);
  if (!isEmpty && content && type === 'application/json' && !response?.content?.['*/*'])
    expect(validatorOf(content.schema).safeParse(JSON.parse(body.toString())).error, what).toBeUndefined();
  return true;
}
