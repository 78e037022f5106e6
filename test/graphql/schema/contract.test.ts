import { readdirSync, readFileSync } from 'node:fs';
import { trace } from '@opentelemetry/api';
import {
  buildSchema,
  findBreakingChanges,
  type GraphQLNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  parse,
  printSchema,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '#src/graphql/schema/schema.js';
import { createTracedSchema } from '#src/graphql/schema/traced-schema.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('the public contract', () => {
  it('is kept: nothing of it is missing or changed', () => {
    const contract = buildSchema(read('../../fixtures/contract.graphql'));
    expect(findBreakingChanges(contract, schema)).toEqual([]);
  });

  it('is what schema/schema.graphql says (npm run codegen writes it)', () => {
    expect(read('../../../schema/schema.graphql')).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
  });

  it('says of every scalar of its own where it is specified', () => {
    const scalars = Object.values(schema.getTypeMap()).filter(
      (type) => isScalarType(type) && !isSpecifiedScalarType(type),
    );
    expect(scalars.map(({ name }) => name).toSorted()).toEqual([
      'ContentHash',
      'DateTime',
      'PerceptualHash',
      'Upload',
    ]);
    for (const scalar of scalars)
      expect(scalar).toMatchObject({ specifiedByURL: expect.stringMatching(/^https:/) });
  });

  it('describes the graph itself, with and without tracing', () => {
    expect(schema.description).toBeTruthy();
    const traced = createTracedSchema(trace.getTracer('test'));
    expect(printSchema(lexicographicSortSchema(traced))).toBe(printSchema(lexicographicSortSchema(schema)));
  });

  it('is what schema/possible-types.json says (npm run codegen writes it)', () => {
    const abstract = Object.values(schema.getTypeMap()).filter((type) => isAbstractType(type));
    const possible = abstract.map((type) => [
      type.name,
      schema
        .getPossibleTypes(type)
        .map(({ name }) => name)
        .toSorted(),
    ]);
    expect(JSON.parse(read('../../../schema/possible-types.json'))).toEqual(Object.fromEntries(possible));
  });

  it('describes every type, field, argument and value', () => {
    const undescribed = Object.values(schema.getTypeMap())
      .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
      .flatMap((type) => undescribedIn(type));
    expect(undescribed).toEqual([]);
  });
});

describe('schema/operations', () => {
  const folder = new URL('../../../schema/operations/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.graphql'))) {
    it(`${file} is valid`, () => {
      expect(validate(schema, parse(readFileSync(new URL(file, folder), 'utf8')))).toEqual([]);
    });
  }
});

function undescribedIn(type: GraphQLNamedType): string[] {
  const missing = (name: string, described: { description?: string | null | undefined }) =>
    described.description ? [] : [name];
  const own = missing(type.name, type);
  if (isEnumType(type))
    return [...own, ...type.getValues().flatMap((value) => missing(`${type.name}.${value.name}`, value))];
  if (isInputObjectType(type))
    return [...own, ...Object.values(type.getFields()).flatMap((f) => missing(`${type.name}.${f.name}`, f))];
  if (!isObjectType(type) && !isInterfaceType(type)) return own;
  const fields = Object.values(type.getFields()).flatMap((field) => [
    ...missing(`${type.name}.${field.name}`, field),
    ...field.args.flatMap((arg) => missing(`${type.name}.${field.name}(${arg.name})`, arg)),
  ]);
  return [...own, ...fields];
}
