import type { RawResponse } from '../../fakes/raw-request.js';
import { repeatedTooMuch, textsOf } from './echoed.js';
import type { Transport } from './generate.js';
import type { Sent } from './headers.js';

/** What an answer is, in a word, and what is wrong with it. */
export interface Verdict {
  /** The code of its first error, `data`, or its status. */
  outcome: string;
  faults: string[];
}

/** What may be answered with something other than JSON: a page, events, bytes of a picture, no content. */
const NO_JSON = /^(?:text\/html|text\/event-stream|multipart\/mixed|image\/|application\/octet-stream)/;

export function judge(sent: Sent, { status, headers, body }: RawResponse, transport: Transport): Verdict {
  const faults: string[] = [];
  if (status >= 500) faults.push(`status ${status}`);
  const type = headers['content-type'] ?? '';
  const text = body.toString();
  if (sent.method === 'HEAD' || text === '' || NO_JSON.test(type)) return { outcome: String(status), faults };
  const answer = parse(text);
  if (answer === undefined) return { outcome: String(status), faults: [...faults, `no JSON, but ${type}`] };
  const messages = messagesIn(answer);
  const said = textsOf(sent.target, Buffer.concat([sent.body ?? []].flat()).toString(), sent.headers);
  for (const message of messages) {
    const repeated = repeatedTooMuch(message, said);
    if (repeated !== null) faults.push(`a message of ${message.length} characters repeats what was sent`);
  }
  if (transport === 'imgcache' || transport === 'visualsnoop') return { outcome: String(status), faults };
  const { outcome, faults: found } = judgeGraph(answer);
  return { outcome, faults: [...faults, ...found] };
}

// biome-ignore lint/suspicious/noExplicitAny: an answer that may be anything.
type Answer = any;

function judgeGraph(answer: Answer): Verdict {
  if (typeof answer?.error === 'string') return { outcome: 'NOT_FOUND', faults: [] };
  const { data, errors = [] } = answer ?? {};
  if (data === undefined && errors.length === 0)
    return { outcome: 'neither', faults: ['neither data nor errors'] };
  const faults: string[] = [];
  for (const { message, extensions } of errors) {
    if (typeof message !== 'string' || message === '') faults.push('an error without a message');
    if (typeof extensions?.code !== 'string') faults.push('an error without a code');
    if (extensions?.code === 'INTERNAL_SERVER_ERROR') faults.push('INTERNAL_SERVER_ERROR');
  }
  const failed = Object.values(data ?? {}).find((field: Answer) =>
    /Error$/.test(field?.__typename),
  ) as Answer;
  const outcome = errors[0]?.extensions?.code ?? failed?.__typename ?? 'data';
  return { outcome, faults: [...new Set(faults)] };
}

/** Of errors of the graph, of members of its unions, and of both old protocols. */
function messagesIn(answer: Answer): string[] {
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([key, value]) => {
    if (typeof value === 'object') return messagesIn(value);
    return typeof value === 'string' && /^(?:message|msg|detail|error)$/.test(key) ? [value] : [];
  });
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
