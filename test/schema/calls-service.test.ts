import { isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { doesCallService } from '#src/schema/calls-service.js';
import { schema } from '#src/schema/schema.js';

it('every field of a root, and every field that takes first, says that it calls a service', () => {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const silent = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter(({ args }) => roots.includes(type) || args.some(({ name }) => name === 'first'))
        .filter((field) => !doesCallService(field))
        .map(({ name }) => `${type.name}.${name}`),
    );
  expect(silent).toEqual([]);
});
