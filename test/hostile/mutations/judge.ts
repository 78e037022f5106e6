import { decodedBody, type RawResponse } from '../../fakes/raw-request.js';
import { repetitions } from './echoed.js';
import type { Transport } from './generate.js';
import type { Sent } from './headers.js';

/** What an answer is, in a word, and what is wrong with it. */
export interface Verdict {
  /** The code of its first error, `data`, or its status. */
  outcome: string;
  faults: string[];
}

/** Of stacks and of objects that nobody sent. */
const INSIDES = /node_modules|\bat \w.*\.js:\d+:\d+|\[function|_resolve:/;

export function judge(sent: Sent, answer: RawResponse, transport: Transport): Verdict {
  const { status } = answer;
  const text = decodedBody(answer).toString();
  const faults = [
    ...(status >= 500 ? [`status ${status}`] : []),
    ...(INSIDES.test(text) ? ['tells of the inside'] : []),
  ];
  const verdict = { outcome: String(status), faults };
  if (!promisesJson(sent, answer, transport)) return verdict;
  const json = parse(text);
  if (json === undefined) return { ...verdict, faults: [...faults, `no JSON: ${text.slice(0, 100)}`] };
  for (const { length } of repetitions(messagesIn(json), sent))
    faults.push(`a message of ${length} characters repeats what was sent`);
  if (transport === 'imgcache' || transport === 'visualsnoop') return verdict;
  const { outcome, faults: found } = Array.isArray(json) ? judgeBatch(json) : judgeGraph(json);
  return { outcome, faults: [...faults, ...found] };
}

/** All but pictures, what has no content, and what was asked for as something else, such as a page. */
function promisesJson(
  { method, headers: { accept } }: Sent,
  { status, headers, body }: RawResponse,
  transport: Transport,
): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (method === 'HEAD' || status === 204 || (type === '' && body.length === 0)) return false;
  if (transport === 'imgcache' && /^image\/|^application\/octet-stream/.test(type)) return false;
  return /json$/.test(type) || !String(accept).includes(type);
}

/** What nobody may be told while nothing is broken. A service may refuse, or not know how. */
const IN_VAIN: ReadonlySet<string> = new Set([
  'INTERNAL_SERVER_ERROR',
  ...['UNAVAILABLE', 'TIMEOUT', 'BAD_RESPONSE'].map((code) => `SERVICE_${code}`),
]);

// biome-ignore lint/suspicious/noExplicitAny: an answer that may be anything.
type Answer = any;

function judgeBatch(answers: Answer[]): Verdict {
  const verdicts = answers.map(judgeGraph);
  return { outcome: 'batch', faults: verdicts.flatMap(({ faults }) => faults) };
}

function judgeGraph(answer: Answer): Verdict {
  if (typeof answer?.error === 'string') return { outcome: 'NOT_FOUND', faults: [] };
  const { data, errors = [] } = answer ?? {};
  if (data === undefined && errors.length === 0)
    return { outcome: 'neither', faults: ['neither data nor errors'] };
  const faults: string[] = [];
  for (const { message, extensions } of errors) {
    if (typeof message !== 'string' || message === '') faults.push('an error without a message');
    if (typeof extensions?.code !== 'string') faults.push('an error without a code');
    if (IN_VAIN.has(extensions?.code)) faults.push(extensions.code);
  }
  const failed = Object.values(data ?? {}).find((field: Answer) =>
    /Error$/.test(field?.__typename),
  ) as Answer;
  if (IN_VAIN.has(`SERVICE_${failed?.code}`)) faults.push(`ServiceError ${failed.code}`);
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
