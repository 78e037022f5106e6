import { GraphQLError, Source } from 'graphql';
import { describe, expect, it } from 'vitest';
import { errorFields } from '#src/log/error-fields.js';

describe('Of an error the log tells', () => {
  it('its name, message, code, stack and causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    expect(errorFields(new TypeError('broken', { cause }))).toEqual({
      type: 'TypeError',
      message: 'broken',
      stack: expect.stringMatching(/^TypeError: broken\n {4}at /),
      cause: { type: 'Error', message: cause.message, code: 'ECONNREFUSED', stack: cause.stack },
    });
  });

  it('the first of several', () => {
    const errors = [new Error('first'), new Error('second')];
    expect(errorFields(new AggregateError(errors))).toMatchObject({ cause: { message: 'first' } });
  });

  it('nothing that libraries add, such as a query or what was received', () => {
    const error = new GraphQLError('No.', { source: new Source('{ secret }'), extensions: { secret: 1 } });
    const received = Object.assign(new Error('Bad.'), { data: 'secret', request: { headers: ['secret'] } });
    expect(JSON.stringify([errorFields(error), errorFields(received)])).not.toContain('secret');
  });

  it('no user and password of an address', () => {
    const error = new Error(
      'Cannot reach https://me:secret@host/x, http://token-secret@host or %2F%2Fme:secret@host.',
    );
    expect(JSON.stringify(errorFields(error))).not.toContain('secret');
    expect(errorFields(error).message).toContain('https://…@host/x');
  });

  it('no more than a line bears', () => {
    const endless = new Error('x'.repeat(100_000));
    endless.cause = endless;
    expect(JSON.stringify(errorFields(endless)).length).toBeLessThan(30_000);
  });

  it('also what is none', () => {
    expect(errorFields('text')).toEqual({ type: 'string', message: 'text' });
    expect(errorFields(Object.create(null))).toMatchObject({ type: 'object' });
  });
});
