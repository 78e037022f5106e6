import { expect, it } from 'vitest';
import { urlHost } from '#src/services/url-host.js';

it.each([
  ['https://a.example/b.jpg', 'a.example'],
  ['HTTPS://A.Example:8080?q', 'a.example'],
  ['http://user:pass@a.example#f', 'a.example'],
  ['http://a@b@c.example\\d', 'c.example'],
  ['http://[2001:DB8::1]:80/', '[2001:db8::1]'],
  ['http://É.example/', 'É.example'],
  ['ftp://localhost', 'localhost'],
  ['http://[::1', null],
  ['http://user@/', null],
  ['http://:80/', null],
  ['file:///etc/passwd', null],
  ['data:image/png;base64,AAAA', null],
  ['//a.example/', null],
  ['/?u=http://a.example/', null],
  ['a.example', null],
  ['', null],
  [`http://${'a'.repeat(255)}/`, 'a'.repeat(255)],
  [`http://${'a'.repeat(256)}/`, null],
])('the host of %j is %j', (url, host) => {
  expect(urlHost(url)).toBe(host);
});
