import { expect, it } from 'vitest';
import { originalFilename } from '#src/services/original-filename.js';

it.each([
  ['https://a.example/img/bridge.jpg?w=1#frag', 'bridge.jpg'],
  ['https://u.example/a%20b.jpg', 'a%20b.jpg'],
  ['https://u.example/a.jpg#x/y?z', 'a.jpg'],
  ['https://u.example/a.jpg?x/y', 'a.jpg'],
  ['https://u.example/', null],
  ['https://u.example', null],
  ['https://u.example?a/b.jpg', null],
  ['https://u.example/dir/', null],
  ['//host/x.jpg', 'x.jpg'],
  ['https:x.jpg', 'x.jpg'],
  ['http://u.example/a;b=c.jpg', 'a'],
  ['http://u.example/a;b/c.jpg', 'c.jpg'],
  ['http://u.example/;a', null],
  ['data:image/png;base64,AAAA/BBBB', 'BBBB'],
  ['data:image/png;base64,AAAA', 'png;base64,AAAA'],
  ['C:\\pics\\y.jpg', '\\pics\\y.jpg'],
  ['1a:b', '1a:b'],
  ['https://[bad/x.jpg', null],
  ['https://bad]/x.jpg', null],
  ['https://[::1]/x.jpg', 'x.jpg'],
  ['https://u.example/[x].jpg', '[x].jpg'],
  ['not a url', 'not a url'],
  ['   ', null],
  ['', null],
  [' \u0001https://u.example/x.jpg ', 'x.jpg '],
  ['https://u.example/nl\nnew\tline\r.jpg', 'nlnewline.jpg'],
  ['https://u.example/写真.jpg', '写真.jpg'],
  ['https://u.example/.', '.'],
  ['https://u.example/..', '..'],
])('names the file of %j as the original does: %j', (url, filename) => {
  expect(originalFilename(url)).toBe(filename);
});
