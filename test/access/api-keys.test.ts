import { describe, expect, it } from 'vitest';
import { createKey, findKey } from '#src/access/api-keys.js';
import { ConfigError, loadConfig } from '#src/config.js';
import { configFile } from '../harness/config-file.js';

const READ = 'r'.repeat(16);
const WRITE = 'w-._~!$&()*+;=/?@|'.padEnd(20, 'w');

const keysOf = (text: string) => loadConfig({ LOOKALIKE_API_KEYS: text }).apiKeys!;

describe('API keys', () => {
  it('have a scope, and maybe collections', () => {
    const keys = keysOf(`read:${READ}, write@6b7c9142|another:${WRITE}`);
    expect(findKey(keys, READ)).toMatchObject({ scope: 'read', collections: null });
    expect(findKey(keys, WRITE)).toMatchObject({ scope: 'write', collections: ['6b7c9142', 'another'] });
    for (const other of ['', READ.slice(1), `${READ} `, READ.toUpperCase(), `read:${READ}`, 'read'])
      expect(findKey(keys, other)).toBeNull();
  });

  it('may be limited to buckets, beside collections or alone', () => {
    const keys = keysOf(`read@bucket=parts|6b7c9142|bucket=a=b:${READ},write@bucket=parts:${WRITE}`);
    expect(findKey(keys, READ)).toMatchObject({ collections: ['6b7c9142'], buckets: ['parts', 'a=b'] });
    expect(findKey(keys, WRITE)).toMatchObject({ collections: null, buckets: ['parts'] });
    for (const wrong of ['bucket=..', 'bucket=a/b'])
      expect(() => keysOf(`read@${wrong}:${READ}`)).toThrow(ConfigError);
    const made = createKey({ scope: 'write', buckets: ['parts & more'] });
    const { apiKeys } = loadConfig({}, configFile(JSON.stringify({ apiKeys: [made.entry] })));
    expect(findKey(apiKeys!, made.key)).toMatchObject({ collections: null, buckets: ['parts & more'] });
    const bad = configFile(JSON.stringify({ apiKeys: [{ ...made.entry, buckets: ['..'] }] }));
    expect(() => loadConfig({}, bad)).toThrow(ConfigError);
  });

  it('are kept as digests only', () => {
    expect(JSON.stringify(keysOf(`read:${READ}`))).not.toContain(READ);
    expect(Object.keys(keysOf(`read:${READ}`)[0]!).sort()).toEqual(['collections', 'digest', 'scope']);
  });

  it('stand hashed in the config file, as they were created', () => {
    const made = createKey({ scope: 'admin', name: 'Ana', collections: ['a'] });
    expect(made.entry).toEqual({
      scope: 'admin',
      name: 'Ana',
      collections: ['a'],
      hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    const file = configFile(JSON.stringify({ apiKeys: [made.entry] }));
    const { apiKeys } = loadConfig({}, file);
    expect(findKey(apiKeys!, made.key)).toMatchObject({ scope: 'admin', collections: ['a'] });
    const fromEnvironment = loadConfig({ LOOKALIKE_API_KEYS: `read:${READ}` }, file).apiKeys!;
    expect([findKey(fromEnvironment, made.key), findKey(fromEnvironment, READ)?.scope]).toEqual([
      null,
      'read',
    ]);
  });

  it('are new each time, and fit into a header, a URL and the setting', () => {
    const keys = Array.from({ length: 50 }, () => createKey({ scope: 'read' }).key);
    expect(new Set(keys).size).toBe(50);
    for (const key of keys) {
      expect(key).toMatch(/^lookalike_[\w-]{43}$/);
      expect(findKey(keysOf(`read:${key}`), key)).not.toBeNull();
    }
  });

  const hush = 'hush-hush-hush-hush';
  const hash = createKey({ scope: 'read' }).entry.hash;
  const wrong: [what: string, setting: unknown][] = [
    ['no scope', hush],
    ['an unknown scope', `root:${hush}`],
    ['a short key', 'read:hush-hush-hush'],
    ['a key with a colon', `read:${hush}:x`],
    ['a key with a space', `read:${hush} ${hush}`],
    ['a key that is no ASCII', `read:${hush}é`],
    ['a comma too much', `read:${hush},`],
    ['no collection', `read@:${hush}`],
    ['the same key twice', `read:${hush},write:${hush}`],
    ['an empty list', []],
    ['a plain key in a list', [{ scope: 'read', key: hush }]],
    ['a plain key for a hash', [{ scope: 'read', hash: hush }]],
    ['an unknown member', [{ scope: 'read', hash, [hush]: 1 }]],
    ['no collections', [{ scope: 'read', hash, collections: [] }]],
    [
      'the same hash twice',
      [
        { scope: 'read', hash },
        { scope: 'admin', hash },
      ],
    ],
  ];
  for (const [what, setting] of wrong) {
    it(`with ${what} stop the start in one line without a key`, () => {
      const load = () => loadConfig({}, configFile(JSON.stringify({ apiKeys: setting })));
      expect(load).toThrow(ConfigError);
      expect(load).toThrow(/^\S+: apiKeys [^\n]*$/);
      expect(load).not.toThrow(/hush/);
    });
  }

  it('in a broken config file are not repeated', () => {
    for (const text of [`{"apiKeys": "read:${hush}"`, `{ ${hush} }`, `["${hush}`, hush]) {
      const load = () => loadConfig({}, configFile(text));
      expect(load).toThrow(/^[^\n]* is not valid JSON\.$/);
      expect(load).not.toThrow(/hush/);
    }
  });
});
