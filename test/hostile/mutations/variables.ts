import { type Draft, type Mutation, mutate, variablesOf } from './draft.js';
import { hostileText, hostileValue } from './hostile-values.js';
import { toJson, Verbatim } from './verbatim.js';

/** A place in the variables: what holds it, and its key there. */
interface Place {
  path: string;
  holder: Record<string, unknown>;
  key: string;
}

/** As JSON: lists of what is long already would fill the memory of the test. */
const MAX_LIST_LENGTH = 1_000_000;

/** Changes a variable, or something within one. */
export const mutateVariables: Mutation<Draft> = (draft, random) => {
  const places = placesIn(variablesOf(draft));
  if (places.length === 0) return null;
  const place = random.pick(places);
  return `variable ${place.path}: ${mutate({ place, draft }, MUTATIONS, random)}`;
};

const MUTATIONS: readonly Mutation<{ place: Place; draft: Draft }>[] = [
  ({ place, draft }, random) => put(place, hostileValue(random, draft.world)),
  ({ place, draft }, random) => put(place, hostileValue(random, draft.world)),
  ({ place }) => put(place, null),
  ({ place: { holder, key } }) => {
    delete holder[key];
    return 'absent';
  },
  ({ place }) => put(place, [place.holder[place.key]]),
  ({ place }, random) =>
    put(place, { [random.pick(['a', 'input', 'upload', '__proto__'])]: place.holder[place.key] }),
  ({ place: { holder }, draft }, random) => {
    const name = random.pick(['unknown', '__typename', 'upload', '', hostileText(random)]);
    holder[name] = hostileValue(random, draft.world);
    return `with a neighbour ${short(name)}: ${short(holder[name])}`;
  },
  ({ place: { holder, key } }, random) => {
    const text = holder[key];
    if (typeof text !== 'string') return null;
    const at = random.below(text.length + 1);
    holder[key] = text.slice(0, at) + hostileText(random) + text.slice(at);
    return `text ${short(holder[key])}`;
  },
  ({ place, draft: { world } }, random) => {
    const value = place.holder[place.key];
    const length = random.pick([99, 101, 3000]);
    if (length * toJson(value ?? null).length > MAX_LIST_LENGTH) return null;
    return put(
      place,
      Array.from({ length }, () => random.pick([value, world.url])),
    );
  },
];

function put({ holder, key }: Place, value: unknown): string {
  holder[key] = value;
  return short(value);
}

/** A value, or the beginning of one, to be read by people. */
export function short(value: unknown): string {
  const text = value instanceof Verbatim ? value.json : (JSON.stringify(value) ?? 'undefined');
  return text.length > 60 ? `${text.slice(0, 60)}… (${text.length})` : text;
}

/** Every place in the variables, at every depth. */
export function placesIn(value: unknown, path = ''): Place[] {
  if (typeof value !== 'object' || value === null || value instanceof Verbatim) return [];
  const holder = value as Record<string, unknown>; // A list too, by its indexes.
  return Object.keys(holder).flatMap((key) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [{ path: here, holder, key }, ...placesIn(holder[key], here)];
  });
}
