import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import busboy from 'busboy';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type MultipartForm, multipartForm } from '#src/remote/http/multipart-form.js';

interface Form {
  fields: [name: string, value: string][];
  file: { name: string; filename: string | undefined; content: Buffer };
}

/** Reads the form with another implementation. */
async function parse(form: MultipartForm): Promise<Form> {
  const parser = busboy({
    headers: { 'content-type': form.contentType },
    defParamCharset: 'utf8',
    preservePath: true,
  });
  const fields: Form['fields'] = [];
  let file: Promise<Form['file']> | undefined;
  parser.on('field', (name, value) => fields.push([name, value]));
  parser.on('file', (name, stream, { filename }) => {
    file = buffer(stream).then((content) => ({ name, filename, content }));
  });
  const finished = new Promise((resolve, reject) => parser.on('close', resolve).on('error', reject));
  form.open().pipe(parser);
  await finished;
  if (!file) throw new Error('There was no file.');
  return { fields, file: await file };
}

const escaped = (name: string) => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

// A backslash is an escape to busboy, though not to RFC 7578.
const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\\\0]/.test(text));

it('writes a form that another parser reads back, and knows its length beforehand', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(name, fc.string({ unit: 'grapheme' }))),
      name,
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 })),
      async (fields, filename, chunks) => {
        const content = Buffer.concat(chunks);
        const form = multipartForm(fields, {
          name: 'file',
          filename,
          contentType: 'application/octet-stream',
          size: content.length,
          open: () => Readable.from(chunks),
        });
        expect((await buffer(form.open())).length).toBe(form.contentLength);
        expect(await parse(form)).toEqual({
          fields: fields.map(([name, value]) => [escaped(name), value]),
          file: { name: 'file', filename, content },
        });
      },
    ),
  );
});
