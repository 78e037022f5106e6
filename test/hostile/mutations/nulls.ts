import { inlineVariables, literalsIn, typesIn } from './document-values.js';
import { type Draft, variablesOf } from './draft.js';
import { validDrafts } from './operations.js';
import { placesIn } from './variables.js';
import type { World } from './world.js';

/** Every valid request with null, or nothing, in each place of its variables, and with null for each literal. */
export function draftsWithNulls(world: World): { draft: Draft; done: string[] }[] {
  return validDrafts(world).flatMap((_, index) => {
    const anew = () => validDrafts(world)[index]!;
    return [...nullVariables(anew), ...nullableVariables(anew), ...nullLiterals(anew)];
  });
}

type Anew = () => Draft;

function nullVariables(anew: Anew) {
  return placesIn(variablesOf(anew())).flatMap(({ path }, index) =>
    [null, undefined].map((value) => {
      const draft = anew();
      const { holder, key } = placesIn(variablesOf(draft))[index]!;
      if (value === null) holder[key] = null;
      else delete holder[key];
      return { draft, done: [`variable ${path}: ${value}`] };
    }),
  );
}

/** Validation lets a nullable variable stand where an argument has a default, and null comes to the argument then. */
function nullableVariables(anew: Anew) {
  return typesIn(String(anew().params.query))
    .filter(({ name }) => !anew().files.some(({ path }) => path.split('.')[0] === name))
    .map(({ start, end, name }) => {
      const draft = anew();
      const query = String(draft.params.query);
      const type = query.slice(start, end).replace(/!$/, '');
      draft.params.query = query.slice(0, start) + type + query.slice(end);
      draft.params.variables = { ...variablesOf(draft), [name]: null };
      return { draft, done: [`$${name} of ${type}, given null`] };
    });
}

function nullLiterals(anew: Anew) {
  const inlined = () => {
    const draft = anew();
    const text = { query: String(draft.params.query), draft };
    inlineVariables(text);
    draft.params.query = text.query;
    return draft;
  };
  return literalsIn(String(inlined().params.query)).map(({ start, end }) => {
    const draft = inlined();
    const query = String(draft.params.query);
    draft.params.query = `${query.slice(0, start)}null${query.slice(end)}`;
    return { draft, done: [`null for ${query.slice(start, Math.min(end, start + 60))}`] };
  });
}
