import { expect, it } from 'vitest';
import { isLoopback } from '#src/access/loopback.js';

it('only addresses that stay on this machine are loopback', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])
    expect([host, isLoopback(host)]).toEqual([host, true]);
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '::2',
    '127.0.0.1.example',
    'localhost.example',
    '',
  ])
    expect([host, isLoopback(host)]).toEqual([host, false]);
});
