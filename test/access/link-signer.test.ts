import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '#src/access/authenticator.js';
import { createLinkSigner, linkKey } from '#src/access/link-signer.js';
import { loadConfig } from '#src/config.js';

const DAY = 86_400;
const key = Buffer.alloc(32, 1);

function signerAt(seconds: number, ttlSeconds = DAY) {
  const clock = { seconds };
  return { clock, ...createLinkSigner({ key, ttlSeconds, now: () => clock.seconds * 1000 }) };
}

describe('The links of pictures', () => {
  it('are good for their path alone, and say how long', () => {
    const { sign, check } = signerAt(1000);
    const query = sign('/files/a').slice(1);
    expect(query).toMatch(/^exp=\d+&sig=[\w-]{22}$/);
    expect([check('/files/a', query), check('/files/b', query)]).toEqual(['VALID', 'FORGED']);
    expect(check('/files/a', `x=1&${query}&y=2`)).toBe('VALID');
  });

  it('are forged when any of them is changed', () => {
    const { sign, check } = signerAt(1000);
    const query = sign('/files/a').slice(1);
    for (let at = 0; at < query.length; at++) {
      const changed = `${query.slice(0, at)}${query[at] === '5' ? '6' : '5'}${query.slice(at + 1)}`;
      expect([changed, check('/files/a', changed)]).not.toEqual([changed, 'VALID']);
    }
    for (const wrong of ['sig=', 'exp=1&sig=x', `${query}x`, query.replace(/exp=\d+/, 'exp=9999999999')])
      expect([wrong, check('/files/a', wrong)]).toEqual([wrong, 'FORGED']);
    expect([check('/files/a', ''), check('/files/a', 'exp=99')]).toEqual(['NONE', 'NONE']);
  });

  it('are the same all day, and good for a day at least', () => {
    const { clock, sign, check } = signerAt(10 * DAY + 1);
    const morning = sign('/files/a');
    clock.seconds = 11 * DAY;
    const evening = sign('/files/a');
    expect(evening).toBe(morning);
    clock.seconds = 11 * DAY + 1;
    expect(sign('/files/a')).not.toBe(morning);
    clock.seconds = 12 * DAY - 1;
    expect(check('/files/a', evening.slice(1))).toBe('VALID');
    clock.seconds = 12 * DAY;
    expect(check('/files/a', evening.slice(1))).toBe('EXPIRED');
  });

  it('are good for twice a time that is shorter than a day, at most', () => {
    const { clock, sign, check } = signerAt(1001, 60);
    const query = sign('/files/a').slice(1);
    clock.seconds = 1061;
    expect(check('/files/a', query)).toBe('VALID');
    clock.seconds = 1121;
    expect(check('/files/a', query)).toBe('EXPIRED');
  });

  it('are void when the keys or a secret of the installation change, and not for their order', () => {
    const keyOf = (keys: string, secret = 'secret') =>
      linkKey([Buffer.from(secret)], createAuthenticator(loadConfig({ LOOKALIKE_API_KEYS: keys }))).toString(
        'hex',
      );
    const [one, two] = ['read:0123456789abcdef', 'write:fedcba9876543210'];
    expect(keyOf(`${one},${two}`)).toBe(keyOf(`${two},${one}`));
    const all = [keyOf(one), keyOf(two), keyOf(`${one},${two}`), keyOf(one, 'other')];
    expect(new Set(all).size).toBe(4);
  });
});
