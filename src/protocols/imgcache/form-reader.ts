/** The body is not a multipart form with the given boundary. */
export class MalformedMultipartError extends Error {}

/** The body ended within a part. */
export class UnfinishedPartError extends Error {}

/** A part of a form. */
export interface Part {
  /** The name of the field; undefined when the part has none. */
  name: string | undefined;
  /** The name of the file, which may be empty; undefined when the part is no file. */
  filename: string | undefined;
  /** Can be read once; what is left of it is skipped when the next part is asked for. */
  data: AsyncIterable<Buffer>;
}

const LINE_BREAK = Buffer.from('\r\n');
const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const MAX_HEADER_BYTES = 8_192;

/**
 * Reads a multipart/form-data body part by part, holding no more of it than a chunk. A form that breaks off between
 * two parts, or before the first, has no more parts, as in the original.
 *
 * Not busboy, which takes an empty file name for none and decodes the values of fields itself: the original's response
 * depends on both.
 *
 * @throws MalformedMultipartError
 * @throws UnfinishedPartError from reading data
 */
export async function* multipartParts(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  const input = new Input(body);
  try {
    const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    let more = await openingDelimiter(input, delimiter);
    while (more) {
      const header = await readHeader(input);
      if (header === null) return;
      let finished = false;
      const data = async function* () {
        more = yield* dataUntil(input, delimiter);
        finished = true;
      };
      yield { ...readDisposition(header), data: data() };
      while (!finished) for await (const _ of data());
    }
  } finally {
    await input.close();
  }
}

/** The bytes that were received and not yet used. Starts with the line break that the first delimiter may lack. */
class Input {
  held: Buffer = LINE_BREAK;
  readonly #chunks: AsyncIterator<Buffer>;

  constructor(body: AsyncIterable<Buffer>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** Receives the next chunk. False at the end of the body. */
  async fill(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.held = this.held.length === 0 ? value : Buffer.concat([this.held, value]);
    return true;
  }

  take(length: number): Buffer {
    const taken = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    return taken;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** Whether another part follows a delimiter; null when it is none, but data that looks like one. */
function readDelimiterEnd(input: Input, end: number): { more: boolean } | null {
  const next = input.held.toString('latin1', end, end + 2);
  return next === '\r\n' ? { more: true } : next === '--' ? { more: false } : null;
}

async function openingDelimiter(input: Input, delimiter: Buffer): Promise<boolean> {
  const needed = delimiter.length + 2;
  for (;;) {
    while (input.held.length > 3 && input.held.subarray(2, 4).equals(LINE_BREAK)) input.take(2);
    const start = input.held.subarray(0, delimiter.length);
    if (!start.equals(delimiter.subarray(0, start.length))) throw new MalformedMultipartError();
    if (input.held.length >= needed) break;
    if (!(await input.fill())) return false;
  }
  const follows = readDelimiterEnd(input, delimiter.length);
  if (!follows) throw new MalformedMultipartError();
  input.take(delimiter.length);
  return follows.more;
}

/** @returns the lines of the header, or null when the body breaks off there */
async function readHeader(input: Input): Promise<Buffer | null> {
  for (;;) {
    const end = input.held.indexOf(END_OF_HEADERS);
    if (end > MAX_HEADER_BYTES || (end < 0 && input.held.length > MAX_HEADER_BYTES))
      throw new MalformedMultipartError();
    if (end >= 0) return input.take(end + END_OF_HEADERS.length);
    if (!(await input.fill())) return null;
  }
}

/** Yields the data before the delimiter and consumes both. Returns whether there is another part. */
async function* dataUntil(input: Input, delimiter: Buffer): AsyncGenerator<Buffer, boolean> {
  for (;;) {
    const at = input.held.indexOf(delimiter);
    const end = at + delimiter.length;
    if (at >= 0 && input.held.length >= end + 2) {
      const follows = readDelimiterEnd(input, end);
      if (at > 0 || !follows) yield input.take(follows ? at : at + 1);
      if (!follows) continue;
      input.take(delimiter.length);
      return follows.more;
    }
    const safe = at >= 0 ? at : input.held.length - delimiter.length + 1;
    if (safe > 0) yield input.take(safe);
    if (!(await input.fill())) throw new UnfinishedPartError();
  }
}

const DISPOSITION = /^content-disposition:(.*)$/im;
/** A quoted value with escapes, one whose last backslash is itself, or a plain one. */
const PARAMETER = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|"([^"]*)"(?=\s*(?:;|$))|([^;\s]*))/g;

function readDisposition(header: Buffer): Pick<Part, 'name' | 'filename'> {
  const parameters = new Map<string, string>();
  const written = DISPOSITION.exec(decodeText(header))?.[1] ?? '';
  for (const [, name, escaped, quoted, plain] of written.matchAll(PARAMETER))
    parameters.set(name!.toLowerCase(), escaped?.replace(/\\(["\\])/g, '$1') ?? quoted ?? plain ?? '');
  return { name: parameters.get('name'), filename: readFilename(parameters) };
}

/** The file name, decoded: browsers write `%22`, `%0D` and `%0A` in the short form, and the long form keeps any name. */
function readFilename(parameters: ReadonlyMap<string, string>): string | undefined {
  const [, long] = /^utf-8'[^']*'(.*)$/is.exec(parameters.get('filename*') ?? '') ?? [];
  if (long !== undefined) return percentDecoded(long, /(?:%[\da-f]{2})+/gi);
  const short = parameters.get('filename') ?? parameters.get('filename*');
  return short === undefined ? undefined : percentDecoded(short, /%(?:22|0D|0A)/gi);
}

function percentDecoded(text: string, run: RegExp): string {
  return text.replace(run, (codes) => decodeText(Buffer.from(codes.replaceAll('%', ''), 'hex')));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes a text as UTF-8, or as Latin-1 where it is not UTF-8. */
export function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
