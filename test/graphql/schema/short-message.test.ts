import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shortMessage } from '#src/graphql/schema/short-message.js';

it('A message of usual length stays as it is', () => {
  const message =
    'Variable "$input" got invalid value "2024-01-01" at "input.lookupTime"; Expected type "DateTime". DateTime must be an RFC 3339 time with its zone, such as 2024-01-01T12:00:00Z, not "2024-01-01".';
  expect(shortMessage(message)).toBe(message);
});

it('What is quoted is cut in its middle, and what is said of it stays', () => {
  const sent = JSON.stringify(`a"b\\${'x'.repeat(5000)}`);
  const message = shortMessage(`Variable "$h" got invalid value ${sent}; Expected type "ContentHash".`);
  expect(message).toMatch(
    /^Variable "\$h" got invalid value "a\\"b\\\\x+…x+"; Expected type "ContentHash"\.$/,
  );
});

it('A message never repeats more than 200 characters of what was sent', () => {
  const sent = fc.oneof(
    fc.string({ minLength: 200, maxLength: 6000, unit: fc.constantFrom('z', '"', '\\', ' ', '\n', '😀') }),
    fc.constantFrom('z'.repeat(5000), '"'.repeat(5000), '\\"'.repeat(100_000), '😀'.repeat(300)),
  );
  fc.assert(
    fc.property(sent, fc.boolean(), (text, quoted) => {
      const said = quoted ? JSON.stringify(text) : text;
      const message = shortMessage(`Variable "$given" got invalid value ${said} at "input.fields"; no.`);
      expect(message.length).toBeLessThanOrEqual(200);
      expect(message.isWellFormed()).toBe(true);
      expect(message).toContain('…');
    }),
  );
});
