import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog } from '#src/log/log.js';
import { formatLine } from '#src/log/readable-line.js';

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

function written(write: (log: ReturnType<typeof createLog>) => void): string {
  let text = '';
  write(createLog('info', { write: (line) => (text += formatLine(line)) }));
  return text;
}

describe('A line for people', () => {
  it('says when, how grave and what, and then the rest', () => {
    const line = written((log) =>
      log.warn({ path: '/a b', status: 200, aborted: true, none: undefined }, 'request'),
    );
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}request path="\/a b" status=200 aborted=true\n$/);
  });

  it('is followed by the stack of an error and of its causes', () => {
    const err = new TypeError('outer', { cause: new Error('inner') });
    const [head, ...stack] = written((log) => log.error({ err }, 'unexpected error')).split('\n');
    expect(head).toMatch(/ERROR unexpected error$/);
    expect(stack[0]).toBe('  TypeError: outer');
    expect(stack).toContain('  Caused by Error: inner');
  });

  it('stays one line without control characters, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (path, message) => {
        const line = written((log) => log.info({ path }, message));
        expect(line.endsWith('\n')).toBe(true);
        expect(UNPRINTABLE.test(line.slice(0, -1))).toBe(false);
      }),
    );
  });

  it('shows no control characters of an error either', () => {
    const line = written((log) => log.error({ err: new Error('\u001b[31mred\u202e') }, 'unexpected error'));
    expect(line).toContain('\\u{1b}[31mred\\u{202e}');
    for (const part of line.split('\n')) expect(UNPRINTABLE.test(part)).toBe(false);
  });
});
