import { mutateDocument } from './documents.js';
import { type Draft, mutate } from './draft.js';
import { mutateHeaders, mutateMessage, type Sent } from './headers.js';
import { formOf, formRequest } from './multipart.js';
import { mutateFiles } from './multipart-files.js';
import { mutateParts } from './multipart-parts.js';
import { mutateParams, wrapParams } from './params.js';
import type { Random } from './random.js';
import { replaceQuery } from './selections.js';
import { mutateVariables, short } from './variables.js';
import { toJson } from './verbatim.js';

/** The ways of a request to the graph. The fast path takes plain JSON; Yoga what takes more to find out. */
export type GraphTransport = 'post' | 'yoga' | 'get' | 'multipart';

const IN_DRAFT = [
  mutateVariables,
  mutateVariables,
  mutateVariables,
  mutateDocument,
  mutateDocument,
  mutateDocument,
  replaceQuery,
  mutateParams,
];

/** How often something in the draft is changed, and how often something of the way. */
const HOW_MANY: readonly (readonly [weight: number, counts: readonly [inDraft: number, onTheWay: number]])[] =
  [
    [5, [1, 0]],
    [2, [0, 1]],
    [2, [1, 1]],
    [1, [2, 0]],
    [1, [3, 1]],
  ];

/** Writes a draft as a request, and changes it on the way: first what it says, then how. */
export function mutatedRequest(
  draft: Draft,
  transport: GraphTransport,
  random: Random,
): { sent: Sent; done: string[] } {
  const [inDraft, onTheWay] = random.weighted(HOW_MANY);
  const done = Array.from({ length: inDraft }, () => mutate(draft, IN_DRAFT, random));
  const written = WRITERS[transport](draft, onTheWay > 0 && random.chance(0.6) ? random : null);
  done.push(...written.done);
  if (onTheWay > 0 && written.done.length === 0)
    done.push(mutate(written.sent, [mutateHeaders, mutateMessage], random));
  return { sent: written.sent, done };
}

/** The request as it should be. */
export function writtenRequest(draft: Draft, transport: GraphTransport): Sent {
  return WRITERS[transport](draft, null).sent;
}

type Writer = (draft: Draft, random: Random | null) => { sent: Sent; done: string[] };

const WRITERS: Record<GraphTransport, Writer> = {
  post: (draft, random) => jsonRequest(draft, { accept: 'application/json' }, random),
  yoga: (draft, random) =>
    jsonRequest(draft, { accept: 'application/graphql-response+json; charset=utf-8' }, random),
  get: getRequest,
  multipart(draft, random) {
    const form = formOf(draft);
    const done = random ? [mutate(form, [mutateFiles, mutateParts], random)] : [];
    return { sent: formRequest(form), done };
  },
};

function jsonRequest(draft: Draft, headers: Record<string, string>, random: Random | null) {
  const body = { json: toJson(draft.params) };
  const done = random ? [mutate(body, [wrapParams], random)] : [];
  const sent: Sent = {
    method: 'POST',
    target: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(body.json),
  };
  return { sent, done };
}

/** Parameters that are objects travel as JSON, the others as they are. */
function getRequest({ params }: Draft, random: Random | null): { sent: Sent; done: string[] } {
  const pairs = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === 'string' ? value : toJson(value)] as [string, string]);
  const done = random ? [mutatePairs(pairs, random)] : [];
  const query = new URLSearchParams(pairs).toString();
  // Node takes no longer head.
  const target = `/graphql?${query}`.slice(0, 250_000);
  return { sent: { method: 'GET', target, headers: { accept: 'application/json' } }, done };
}

const NAMES = ['variables', 'extensions', 'operationName', 'query', 'documentId', '__proto__', 'query[]'];
const TEXTS = [
  ...['{bad', '', 'null', '[]', '"x"', '1', 'true', '{}', '{"a":', '\u0000', '[null]', '{"__proto__":1}'],
  '['.repeat(40_000),
];

function mutatePairs(pairs: [string, string][], random: Random): string {
  if (random.chance(0.2)) {
    pairs.push(...pairs);
    return 'all twice';
  }
  const name = random.pick(NAMES);
  const text = random.pick(TEXTS);
  const given = pairs.find(([key]) => key === name);
  if (given) given[1] = text;
  else pairs.push([name, text]);
  return `${name}=${short(text)}`;
}
