import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configFileSchema } from '#src/config/config-file.js';
import { shownValue } from '#src/config/shown-value.js';
import { unknownVariables } from '#src/config/unknown-variables.js';
import { ConfigError, checkSettings, loadConfig, readSettings } from '#src/config.js';
import { configFile } from './harness/config-file.js';

const load = (content: object, env = {}) => loadConfig(env, configFile(JSON.stringify(content)));

describe('a config file', () => {
  it('takes lists where the environment takes a text with commas', () => {
    const { corsOrigins, visualsnoopKeys, apiKeys } = load({
      corsOrigins: ['https://a.example', 'http://b.example:8080'],
      visualsnoopUrl: 'http://v.example/api/v1',
      visualsnoopKeys: ['a:b', 'c:d'],
      apiKeys: ['read:0123456789abcdef', { scope: 'admin', hash: `sha256:${'0'.repeat(64)}` }],
    });
    expect(corsOrigins).toEqual(['https://a.example', 'http://b.example:8080']);
    expect(visualsnoopKeys).toEqual([
      { publicKey: 'a', secretKey: 'b' },
      { publicKey: 'c', secretKey: 'd' },
    ]);
    expect(apiKeys!.map(({ scope }) => scope)).toEqual(['read', 'admin']);
  });

  it.each([
    [{ corsOrigins: ['https://a.example/'] }, 'corsOrigins'],
    [{ corsOrigins: [1] }, 'corsOrigins'],
    [{ visualsnoopUrl: 'http://v.example', visualsnoopKeys: ['a'] }, 'visualsnoopKeys'],
    [{ visualsnoopUrl: 'http://v.example', visualsnoopKeys: [] }, 'visualsnoopKeys'],
    [{ apiKeys: ['read:short'] }, 'apiKeys'],
    [{ PORT: 'x' }, 'PORT'],
    [{ port: 70_000 }, 'port'],
  ])('%j is refused under the name that the file has', (content, key) => {
    expect(() => load(content)).toThrow(ConfigError);
    expect(() => load(content)).toThrow(new RegExp(`^\\S+settings\\.json: ${key} [^\\n]*$`));
  });

  it('is not blamed for what the environment or the command line says', () => {
    expect(() => load({ port: 4000 }, { PORT: 'x' })).toThrow(/^PORT must/);
    const given = readSettings({ env: { PORT: '4000' }, options: { port: 'x', dataDir: '/tmp/y' } });
    expect(given.dataDir).toEqual({ value: '/tmp/y', source: '--data-dir' });
    expect(() => checkSettings(given)).toThrow(/^--port must/);
  });

  it('may name its schema, and a wrong name is told with the nearest', () => {
    expect(load({ $schema: './config.schema.json', port: 1 }).port).toBe(1);
    expect(() => load({ prot: 1 })).toThrow(/unknown setting "prot": is it port\?/);
    expect(() => load({ zzzzzzzzzzzzzzz: 1 })).toThrow(/unknown setting "zzzzzzzzzzzzzzz"\.$/);
  });

  it('has a schema that is shipped as it is', () => {
    const shipped = readFileSync(new URL('../schema/config.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(shipped)).toEqual(configFileSchema());
  });
});

describe('variables with our prefix', () => {
  it('that are no settings are told, with the nearest', () => {
    const env = { LOOKALIKE_MAX_PIXLES: '1', LOOKALIKE_QQQ: '', LOOKALIKE_LOG_LEVEL: 'info', OTHER: 'x' };
    expect(unknownVariables(env)).toEqual([
      'LOOKALIKE_MAX_PIXLES is no setting: is it LOOKALIKE_MAX_PIXELS?',
      'LOOKALIKE_QQQ is no setting.',
    ]);
  });
});

describe('a setting that is shown', () => {
  it('tells where, and no secret', () => {
    expect(shownValue('apiKeys', 'read:hush-hush-hush-hush')).toBe('(hidden)');
    expect(shownValue('visualsnoopKeys', ['a:hush'])).toBe('(hidden)');
    expect(shownValue('blobsUrl', 's3://bucket/prefix?endpoint=https://me:hush@s3.example&region=eu')).toBe(
      's3://bucket/prefix?endpoint=https://***:***@s3.example/&region=eu',
    );
    expect(shownValue('imgcacheUrl', 'http://i.example/imgcache')).toBe('http://i.example/imgcache');
  });

  it('tells no password, wherever in an address it stands', () => {
    const secret = fc.stringMatching(/^hush[\w.~!@:/?#%-]{8,20}$/);
    fc.assert(
      fc.property(secret, (password) => {
        const encoded = encodeURIComponent(password);
        for (const address of [
          `postgres://me:${password}@db.example/pictures?sslmode=require`,
          `postgres://me:${encoded}@db.example/pictures`,
          `postgres://db.example/pictures?password=${encoded}&user=me`,
          `s3://bucket?endpoint=${encodeURIComponent(`https://me:${encoded}@s3.example`)}`,
          `https://${encoded}@i.example/imgcache`,
        ])
          expect(shownValue('databaseUrl', address)).not.toMatch(/hush/);
      }),
    );
  });
});
