import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeText,
  MalformedMultipartError,
  multipartParts,
  UnfinishedPartError,
} from '#src/protocols/imgcache/form-reader.js';
import { multipartForm } from '#src/remote/http/multipart-form.js';
import { type FormPart, multipartBody } from '../../fakes/multipart-body.js';

interface ReadPart {
  name: string | undefined;
  filename: string | undefined;
  data: string;
}

const B = 'boundary';

async function* inPieces(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < body.length; start += size) yield body.subarray(start, start + size);
}

/** The parts up to the end, or up to the error that ended them. */
async function read(
  body: Buffer | string,
  size = 7,
  boundary = B,
): Promise<{ parts: ReadPart[]; error: unknown }> {
  const parts: ReadPart[] = [];
  try {
    for await (const { name, filename, data } of multipartParts(
      inPieces(Buffer.from(body), size),
      boundary,
    )) {
      const chunks: Buffer[] = [];
      for await (const chunk of data) chunks.push(chunk);
      parts.push({ name, filename, data: Buffer.concat(chunks).toString('latin1') });
    }
    return { parts, error: null };
  } catch (error) {
    return { parts, error };
  }
}

const one = (header: string, data = 'x') => read(`--${B}\r\n${header}\r\n\r\n${data}\r\n--${B}--\r\n`);

/** Data full of what a delimiter begins with. */
const trickyData = fc
  .array(
    fc.constantFrom(
      '\r',
      '\n',
      '-',
      '--',
      '\r\n--',
      `\r\n--${B.slice(0, 4)}`,
      `\r\n--${B}x`,
      `--${B}`,
      'a',
      '\0',
      'é',
    ),
  )
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'))
  .filter((data) => !/\r\n--boundary(\r\n|--)/.test(`${data.toString('latin1')}\r\n`));

const parts: fc.Arbitrary<FormPart[]> = fc.array(
  fc.record(
    {
      name: fc.constantFrom('file', 'url', 'a b', 'é'),
      value: fc.oneof(trickyData, fc.uint8Array().map(Buffer.from)),
      filename: fc.constantFrom('', 'x.png', '日本'),
      type: fc.constantFrom('image/png', 'application/octet-stream', 'text/plain; charset=utf-8'),
    },
    { requiredKeys: ['name', 'value'] },
  ),
  { maxLength: 5 },
);

describe('multipartParts', () => {
  const asRead = ({ name, value, filename }: FormPart): ReadPart => ({
    name,
    filename,
    data: Buffer.from(value).toString('latin1'),
  });

  it('gives what was written, however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 1, max: 64 }), async (written, size) => {
        const result = await read(multipartBody(written, B), size);
        expect(result).toEqual({ parts: written.map(asRead), error: null });
      }),
    );
  });

  it('gives the whole parts of a body that breaks off anywhere, and never half a part', async () => {
    const written: FormPart[] = [
      { name: 'url', value: 'https://x.example/' },
      { name: 'file', value: 'bytes\r\n--bound', filename: '' },
    ];
    const body = multipartBody(written, B);
    for (let length = 0; length <= body.length; length++) {
      const { parts: found, error } = await read(body.subarray(0, length));
      expect(written.map(asRead).slice(0, found.length)).toEqual(found);
      expect(error === null || error instanceof UnfinishedPartError).toBe(true);
      if (length === body.length) expect(found).toHaveLength(2);
    }
  });

  it('skips what is not read of a part', async () => {
    const written = ['a', 'b', 'c'].map((name) => ({ name, value: Buffer.alloc(1000, name) }));
    const names = [];
    for await (const part of multipartParts(inPieces(multipartBody(written, B), 10), B)) {
      names.push(part.name);
      if (part.name === 'b') for await (const _ of part.data) break;
    }
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it('holds no more than a chunk', async () => {
    const size = 65_536;
    const body = multipartBody([{ name: 'file', value: Buffer.alloc(5_000_000), filename: 'x' }], B);
    for await (const { data } of multipartParts(inPieces(body, size), B))
      for await (const chunk of data) expect(chunk.length).toBeLessThanOrEqual(size + 100);
  });

  it('lets go of the body when it is left early', async () => {
    let closed = false;
    const body = async function* () {
      try {
        yield multipartBody([{ name: 'a', value: 'b' }], B);
      } finally {
        closed = true;
      }
    };
    for await (const _ of multipartParts(body(), B)) break;
    expect(closed).toBe(true);
  });

  it('gives no parts of a body that has none', async () => {
    for (const body of ['', `--${B}--\r\n`, `--${B}--`, `\r\n\r\n--${B}--`, '\r\n'])
      expect(await read(body)).toEqual({ parts: [], error: null });
  });

  it('ignores what follows the last delimiter', async () => {
    const body = multipartBody([{ name: 'a', value: 'b' }], B);
    expect((await read(Buffer.concat([body, body]))).parts).toHaveLength(1);
  });

  it.each([
    ['another delimiter', '--other\r\n\r\nx'],
    ['something before the first delimiter', `preamble\r\n--${B}\r\n\r\nx\r\n--${B}--`],
    ['text after the first delimiter', `--${B}x\r\n\r\nx\r\n--${B}--`],
    ['a header without end', `--${B}\r\n${'X: y\r\n'.repeat(3000)}`],
    ['a header that is too large', `--${B}\r\nX: ${'y'.repeat(9000)}\r\n\r\nx\r\n--${B}--`],
  ])('refuses %s', async (_, body) => {
    for (const size of [1, 100_000])
      expect((await read(body, size)).error).toBeInstanceOf(MalformedMultipartError);
  });

  it.each([
    ['Content-Disposition: form-data; name="a"', 'a', undefined],
    ['content-disposition:form-data;name=a', 'a', undefined],
    ['Content-Type: text/plain\r\nContent-Disposition: form-data; NAME="a"', 'a', undefined],
    ['Content-Disposition: form-data; name="a"; filename=""', 'a', ''],
    ['Content-Disposition: form-data; filename="x; name=b"; name="a"', 'a', 'x; name=b'],
    ['Content-Disposition: form-data; name="a"; filename*=UTF-8\'\'%E6%97%A5%22%2522', 'a', '日"%22'],
    ['Content-Disposition: form-data; name="a"; filename*=UTF-8\'en\'x%FF', 'a', 'xÿ'],
    ['Content-Disposition: form-data; name="a"; filename*=x%41', 'a', 'x%41'],
    ['Content-Disposition: form-data; name="a"; filename="b"; filename*=utf-8\'\'c', 'a', 'c'],
    ['Content-Disposition: form-data; name="a"; filename="b\\"; filename*=utf-8\'\'c', 'a', 'c'],
    ['Content-Disposition: form-data; name="a"; filename="C:\\pics\\"', 'a', 'C:\\pics\\'],
    ['Content-Disposition: form-data; name="a"; filename="C:\\\\pics"', 'a', 'C:\\pics'],
    ['Content-Disposition: form-data; name="a"; filename="100%25%20.jpg"', 'a', '100%25%20.jpg'],
    ['Content-Disposition: form-data; name="a\\"b\\\\"', 'a"b\\', undefined],
    ['Content-Disposition: form-data; name="日"', '日', undefined],
    ['Content-Disposition: form-data; name="__proto__"', '__proto__', undefined],
    ['Content-Disposition: form-data; name=""', '', undefined],
    ['Content-Disposition: form-data', undefined, undefined],
    ['X-Content-Disposition: form-data; name="a"', undefined, undefined],
    ['Content-Type: text/plain', undefined, undefined],
  ])('reads the header %j', async (header, name, filename) => {
    expect((await one(header)).parts).toEqual([{ name, filename, data: 'x' }]);
  });

  it('reads the file names that fetch writes, but for what it does not keep itself', async () => {
    const filename = fc
      .array(fc.constantFrom('a', '"', '\r', '\n', '\\', '%', '2', 'é', '日', '😀', ' ', ';', "'", '='))
      .map((pieces) => `x${pieces.join('')}`)
      .filter((name) => !/%2|\\["\\]|\\$/.test(name));
    await fc.assert(
      fc.asyncProperty(filename, async (written) => {
        const form = new FormData();
        form.append('file', new Blob(['x']), written);
        const request = new Request('http://x.example/', { method: 'POST', body: form });
        const [, boundary] = /boundary=(.*)/.exec(request.headers.get('content-type') ?? '') ?? [];
        const { parts: found } = await read(Buffer.from(await request.arrayBuffer()), 50, boundary);
        expect(found).toEqual([{ name: 'file', filename: written, data: 'x' }]);
      }),
      { numRuns: 300 },
    );
  });

  it('reads every file name that the client of a remote imgcache writes', async () => {
    const filename = fc.string({
      unit: fc.constantFrom('a', '"', '\r', '\\', '%', '2', 'é', '😀', ' ', ';', "'", '*'),
    });
    await fc.assert(
      fc.asyncProperty(filename, async (written) => {
        const file = {
          name: 'file',
          filename: written,
          contentType: 'image/png',
          size: 0,
          open: () => Readable.from([]),
        };
        const form = multipartForm([], file);
        const body = await buffer(form.open());
        const { parts: found } = await read(body, 50, form.contentType.replace(/.*boundary=/, ''));
        expect(found).toEqual([{ name: 'file', filename: written, data: '' }]);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a part without a header', async () => {
    const { parts: found } = await read(`--${B}\r\n\r\nx\r\n--${B}--`);
    expect(found).toEqual([{ name: undefined, filename: undefined, data: 'x' }]);
  });

  it('takes no long time for a header made to take long', async () => {
    for (const unit of [';a="', ';a="\\', '; ', ';a=', ';"'])
      await one(`Content-Disposition: ${unit.repeat(8000 / unit.length)}`);
  }, 2000);
});

describe('decodeText', () => {
  it('reads UTF-8, and Latin-1 where it is not UTF-8', () => {
    expect(decodeText(Buffer.from('日本 é 😀'))).toBe('日本 é 😀');
    expect(decodeText(Buffer.from([0xff, 0xfe, 0x41]))).toBe('ÿþA');
    expect(decodeText(Buffer.from([0xed, 0xa0, 0x80]))).toBe('í\u00a0\u0080');
    expect(decodeText(Buffer.from('\ufeffx'))).toBe('\ufeffx');
  });
});
