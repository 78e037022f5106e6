export interface FormPart {
  name: string;
  value: string | Buffer;
  /** Makes the part a file, also when it is empty. */
  filename?: string;
  type?: string;
}

export const BOUNDARY = '0123456789abcdef0123456789abcdef';

/** A multipart/form-data body as the Python client writes it. */
export function multipartBody(parts: readonly FormPart[], boundary = BOUNDARY): Buffer {
  const written = parts.flatMap(({ name, value, filename, type }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${
        filename === undefined ? '' : `; filename="${filename}"`
      }${type === undefined ? '' : `\r\nContent-Type: ${type}`}\r\n\r\n`,
    ),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...written, Buffer.from(`--${boundary}--\r\n`)]);
}

export function multipartType(boundary = BOUNDARY): string {
  return `multipart/form-data; boundary=${boundary}`;
}
