import { describe, expect, it } from 'vitest';
import { sniffContentType } from '#src/embedded/picture/content-type.js';

const typeOf = (text: string) => sniffContentType(Buffer.from(text, 'latin1'));

describe('the content type', () => {
  it.each([
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['GIF87a', 'image/gif'],
    ['RIFF\0\0\0\0WEBPVP8 ', 'image/webp'],
    ['MM\0*\0\0\0\x08', 'image/tiff'],
    ['II+\0\x08\0', 'image/tiff'],
    [`BM${'\0'.repeat(12)}\x28\0\0\0`, 'image/bmp'],
    ['\0\0\x01\0\x01\0', 'image/x-icon'],
    ['\0\0\0\x18ftypavif\0\0\0\0mif1miaf', 'image/avif'],
    ['\0\0\0\x18ftypmif1\0\0\0\0mif1avif', 'image/avif'],
    ['\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'image/heic'],
    ['\0\0\0\x0cJXL \r\n\x87\n', 'image/jxl'],
    ['\xff\x0a\xfa\x1f', 'image/jxl'],
    ['\0\0\0\x0cjP  \r\n\x87\n', 'image/jp2'],
    ['P6 1 1 255\n', 'image/x-portable-pixmap'],
    ['P3\n# made by hand\n# twice\n2 2\n255\n', 'image/x-portable-pixmap'],
    ['\n\x05\x01\x08', 'image/x-pcx'],
  ])('of %j is %s', (head, contentType) => {
    expect(typeOf(head)).toBe(contentType);
  });

  it.each([
    'BMW is no bitmap, and this is text.',
    'P6 is a fine name',
    '\0\0\0\x18ftypisom\0\0\0\0mp41mp42',
    'RIFF\0\0\0\0WAVEfmt ',
    '\0\0\x02\0\x01\0',
    'hello',
    '',
  ])('of %j is unknown', (head) => {
    expect(typeOf(head)).toBeNull();
  });

  it('is SVG where its tag or an XML declaration stands in the first 512 bytes', () => {
    expect(typeOf('<svg xmlns="http://www.w3.org/2000/svg"/>')).toBe('image/svg+xml');
    expect(typeOf('<?XML version="1.0"?><rss/>')).toBe('image/svg+xml');
    expect(typeOf('\xff\xfe broken UTF-8 <svg')).toBe('image/svg+xml');
    expect(typeOf(`${' '.repeat(508)}<svg`)).toBe('image/svg+xml');
    expect(typeOf(`${' '.repeat(509)}<svg`)).toBeNull();
    expect(typeOf('<SVG>')).toBeNull();
  });

  it('of a hostile comment is found at once', () => {
    expect(typeOf(`P6\n${'# '.repeat(250)}`)).toBeNull();
    expect(typeOf(`P6\n${'#\n'.repeat(250)}`)).toBeNull();
  });
});
